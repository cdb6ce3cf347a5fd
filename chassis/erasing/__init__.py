"""Erasing: what a service does when a referral's time has come, the same in all of them."""

from chassis.erasing.store import erase, erased
from chassis.erasing.tombstones import Listing, Tombstones, replay

__all__ = ["Listing", "Tombstones", "erase", "erased", "replay"]
