"""What a file is, by its content. Pure.

What it is called and what its sender says it is decide nothing, but have to agree. Files are not
opened beyond what tells their kind: pictures are not decoded, and of a Word document only the table
of its parts and the list of their types are unpacked, never more than a bound.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from chassis.errors import InvalidInput

MOST_PARTS: Final = 2_000
MOST_UNPACKED: Final = 200 * 1024 * 1024
MOST_RATIO: Final = 200
# A small file may be dense without being a bomb: a page of nothing but spaces.
SMALL_UNPACKED: Final = 5 * 1024 * 1024
TYPES_PART: Final = "[Content_Types].xml"
MOST_TYPES: Final = 1024 * 1024
_WORD_MAIN: Final = (
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
)
_MACROS: Final = ("vbaproject.bin", "vbadata.xml")
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken."""

    code: str
    media_type: str
    ending: str


PDF: Final = Kind("pdf", "application/pdf", ".pdf")
JPEG: Final = Kind("jpeg", "image/jpeg", ".jpg")
PNG: Final = Kind("png", "image/png", ".png")
HEIC: Final = Kind("heic", "image/heic", ".heic")
WORD: Final = Kind(
    "word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".docx",
)
KINDS: Final = {kind.code: kind for kind in (PDF, JPEG, PNG, HEIC, WORD)}
_SAYS_NOTHING: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_ALIASES: Final = {"image/jpg": "image/jpeg", "image/heif": "image/heic"}


def inspect(content: bytes, says: str) -> Kind:
    """The kind of a file. `says` is the media type that its sender gave. Raises InvalidInput for
    what is none of the kinds that are taken, is not what it says, or would burst."""
    kind = _kind_of(content)
    if kind is None:
        raise refused("unknown_kind", "We take PDF, JPEG, PNG and HEIC pictures, and Word (.docx).")
    said = says.partition(";")[0].strip().lower()
    if said not in _SAYS_NOTHING and _ALIASES.get(said, said) != kind.media_type:
        raise refused("not_what_it_says", "The file is of another kind than its type says.")
    return kind


def refused(code: str, detail: str) -> InvalidInput:
    """A refusal of a file."""
    return InvalidInput(code, detail)


def _kind_of(content: bytes) -> Kind | None:
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return PDF
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in content[-64:]:
        return PNG
    if content[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1"}:
        return HEIC
    if content.startswith(b"PK\x03\x04"):
        return _word(content)
    return None


def _word(content: bytes) -> Kind | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            listed = parts.infolist()
            _refuse_bomb(listed, len(content))
            names = {one.filename for one in listed}
            if TYPES_PART not in names or "word/document.xml" not in names:
                return None
            if any(name.lower().rpartition("/")[2] in _MACROS for name in names):
                raise refused("macros", "The document holds macros. Save it without them.")
            with parts.open(TYPES_PART) as types:
                declared = types.read(MOST_TYPES)
            _unpack(parts, listed)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as broken:
        raise refused("broken_file", "The document cannot be opened.") from broken
    return WORD if _WORD_MAIN in declared else None


def _refuse_bomb(listed: list[zipfile.ZipInfo], size: int) -> None:
    total = sum(one.file_size for one in listed)
    if (
        len(listed) > MOST_PARTS
        or total > MOST_UNPACKED
        or (total > SMALL_UNPACKED and total > size * MOST_RATIO)
    ):
        raise refused("bursts", "The document unpacks to far more than it is.")


def _unpack(parts: zipfile.ZipFile, listed: list[zipfile.ZipInfo]) -> None:
    """Read all parts through and keep nothing: what a table of parts declares may be a lie."""
    left = min(MOST_UNPACKED, sum(one.file_size for one in listed))
    for one in listed:
        with parts.open(one) as part:
            while chunk := part.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise refused("bursts", "The document unpacks to far more than it is.")
