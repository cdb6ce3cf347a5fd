"""The vault: free text at rest, sealed with a key for each referral in each service."""

from chassis.vault.keys import BlindIndex, DataKey, KeyRing, SealBroken
from chassis.vault.keyservice import KeyService, KeyServiceAway, TransitService, key_service_of
from chassis.vault.rewrapping import Rewrapping
from chassis.vault.ringfile import NoSuchKey, RingFile
from chassis.vault.vault import Vault

__all__ = [
    "BlindIndex",
    "DataKey",
    "KeyRing",
    "KeyService",
    "KeyServiceAway",
    "NoSuchKey",
    "Rewrapping",
    "RingFile",
    "SealBroken",
    "TransitService",
    "Vault",
    "key_service_of",
]
