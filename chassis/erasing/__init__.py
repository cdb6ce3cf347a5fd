"""Erasing: what a service does when a referral's time has come, the same in all of them."""

from chassis.erasing.store import erase, erased

__all__ = ["erase", "erased"]
