"""The picture at the head of every page."""

from pathlib import Path

import pytest

from services.console.logo import MOST_BYTES, PNG, Logo, read_logo
from services.console.pages.plain import _picture


def test_a_picture_is_what_it_holds_and_small(tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    assert read_logo(None) is None
    file.write_bytes(PNG + b"...")
    png = read_logo(file)
    assert png
    assert png.media_type == "image/png"
    file.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    svg = read_logo(file)
    assert svg
    assert (svg.media_type, svg.address != png.address) == ("image/svg+xml", True)
    for wrong in (b"GIF89a", PNG + b"." * MOST_BYTES):
        file.write_bytes(wrong)
        with pytest.raises(ValueError, match="FRONTDOOR_LOGO"):
            read_logo(file)


def test_a_picture_that_is_opened_by_itself_runs_nothing() -> None:
    shown = _picture(Logo(b"<svg><script/></svg>", "image/svg+xml"))
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
