"""The words of a link, sealed by the key ring itself: they are kept for a moment, and no referral's
key is theirs."""

from dataclasses import asdict

from pydantic_core import from_json, to_json

from chassis.vault import KeyRing
from services.notifications.form_links.domain import FormLink, Words


def seal(ring: KeyRing, link: FormLink, words: Words) -> tuple[str, bytes]:
    """The words as they are kept, behind the name of the key that seals them."""
    return ring.wrap(to_json(asdict(words)), _context(link))


def unseal(ring: KeyRing, link: FormLink, sealed: tuple[str, bytes]) -> Words:
    """What was sealed for `link`. Raises SealBroken."""
    return Words(**from_json(ring.unwrap(*sealed, _context(link))))


def _context(link: FormLink) -> bytes:
    return f"notifications|form link|{link.link_id}".encode()
