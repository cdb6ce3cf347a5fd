"""What a browser is sent beside a page: small, and with a style for whatever a page names."""

import json
import re
from pathlib import Path

CONSOLE = Path(__file__).parents[3] / "services/console"
CSS = (CONSOLE / "static/console.css").read_text()
MOST_CSS = 100_000
MOST_SCRIPT = 30_000
PAGES = "".join(
    path.read_text() for kind in ("*.html", "*.py", "*.js") for path in CONSOLE.rglob(kind)
    if "frontend/node_modules" not in str(path) and path.parent.name != "static"
)  # fmt: skip


def test_styles_and_scripts_are_small() -> None:
    assert len(CSS.encode()) < MOST_CSS
    assert (CONSOLE / "static/console.js").stat().st_size < MOST_SCRIPT


def test_no_page_names_what_is_left_out_of_the_styles() -> None:
    unused = json.loads((CONSOLE / "frontend/unused.json").read_text())
    named = set(re.findall(r"govuk-[\w!-]+", PAGES))
    assert not {name for name in named if name.startswith(tuple(unused))}
    chosen = re.sub(r":not\([^)]*\)", "", CSS)
    assert not [one for one in unused if f".{one}" in chosen]


def test_what_moves_things_a_little_is_in_the_styles() -> None:
    named = set(re.findall(r"govuk-!-[\w-]+", PAGES))
    assert named
    assert not {name for name in named if "." + name.replace("!", "\\!") not in CSS}
