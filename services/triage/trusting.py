"""To whose addresses the hub may write about a family."""

from fnmatch import fnmatchcase

from policy.pack import Pack


def is_trusted(address: str, pack: Pack) -> bool:
    """Whether the pack trusts an email address's domain."""
    domain = address.rpartition("@")[2].lower()
    return any(fnmatchcase(domain, pattern.lower()) for pattern in pack.trusted_domains)
