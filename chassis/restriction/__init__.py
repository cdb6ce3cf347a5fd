"""Restricted referrals: in every service the same few rows say who may see one, kept by the kernel
from intake's events in the transaction in which the service learns of the referral.

Two things honour them, so that no endpoint has to think of it. `Guard` stands before every endpoint
of staff with a referral's id in its path. `hidden` is the condition that every list of referrals
carries. Other services ask without it: they act for nobody in particular.
"""

from chassis.restriction.guard import Guard, ring_about, seer_of
from chassis.restriction.seeing import Restriction, Seer
from chassis.restriction.store import hidden, parameters, visible

__all__ = [
    "Guard",
    "Restriction",
    "Seer",
    "hidden",
    "parameters",
    "ring_about",
    "seer_of",
    "visible",
]
