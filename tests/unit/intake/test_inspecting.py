"""What a file is, by its content."""

import io
import zipfile

import pytest

from chassis.errors import InvalidInput
from services.intake.attachments.inspecting import inspect
from tests.files import JPEG, PDF, PNG, TYPES, docx, lying_docx


@pytest.mark.parametrize(
    ("content", "says", "code"),
    [
        (PDF, "application/pdf", "pdf"),
        (PNG, "image/png", "png"),
        (JPEG, "image/jpg", "jpeg"),
        (docx(), "", "word"),
        (PDF, "application/octet-stream", "pdf"),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, says: str, code: str) -> None:
    assert inspect(content, says).code == code


@pytest.mark.parametrize(
    ("content", "says", "code"),
    [
        (PDF, "image/png", "not_what_it_says"),
        (b"MZ\x90\x00 a program", "application/pdf", "unknown_kind"),
        (b"<html><script>", "text/html", "unknown_kind"),
        (b"%PDF-1.7 and no end", "application/pdf", "unknown_kind"),
        (docx()[:200], "", "broken_file"),
        (docx(**{"word/vbaProject.bin": b"macro"}), "", "macros"),
        (docx(**{"word/media/a.bin": bytes(60_000_000)}), "", "bursts"),
        (docx(**{f"part{number}.xml": b"x" for number in range(2_100)}), "", "bursts"),
        (lying_docx(), "", "broken_file"),
    ],
)
def test_what_is_not_what_it_says_or_would_burst_is_refused(
    content: bytes, says: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        inspect(content, says)
    assert refused.value.code == code


def test_an_archive_that_is_no_document_is_none() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
        parts.writestr(TYPES, "<Types/>")
    with pytest.raises(InvalidInput):
        inspect(packed.getvalue(), "")
