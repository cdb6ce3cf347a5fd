"""The vault: free text at rest, sealed with a key for each referral in each service."""

from chassis.vault.keys import BlindIndex, DataKey, KeyRing, SealBroken
from chassis.vault.vault import Vault

__all__ = ["BlindIndex", "DataKey", "KeyRing", "SealBroken", "Vault"]
