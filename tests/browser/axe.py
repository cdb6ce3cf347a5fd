"""What every page must be, wide and at 320 pixels: without faults for axe, without a sideways scroll,
without errors in the browser's console, without a request elsewhere. What a frame shows is looked at
by itself."""

import os
import re
from functools import cache
from itertools import count
from pathlib import Path

from playwright.sync_api import Page

from tests.absent import absent

AXE = Path(__file__).parents[2] / ("services/console/frontend/node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
rules => axe.run(document, {
  runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'], iframes: false
}).then(found => found.violations.map(
  fault => `${fault.id}: ${fault.help}\\n` + fault.nodes.map(node => '  ' + node.html).join('\\n')
))
"""
WIDTHS = (1440, 320)
SIDEWAYS = "() => document.documentElement.scrollWidth - window.innerWidth"

_pictures = count(1)


def assert_good(page: Page, *, refused: bool = False) -> None:
    """All of it. `refused`: the page itself answers with an error status, which browsers log. A picture
    is kept at each width where FRONTDOOR_SCREENSHOTS names a folder."""
    shown = page.viewport_size
    assert shown
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": shown["height"]})
        found = faults(page)
        assert not found, "\n".join([f"At {width} pixels:", *found])
        assert page.evaluate(SIDEWAYS) <= 0, width
        if folder := os.environ.get("FRONTDOOR_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / _picture(width), full_page=True)
    page.set_viewport_size(shown)
    logged = [
        fault
        for fault in page.faults  # type: ignore[attr-defined]
        if not (refused and fault.startswith("Failed to load resource"))
    ]
    assert not logged, logged


def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(RUN, RULES)
    return found


def _picture(width: int) -> str:
    file, test = re.findall(r"test_(\w+)", os.environ["PYTEST_CURRENT_TEST"])[:2]
    return f"{file}-{test}-{next(_pictures):03}-{width}.png"


@cache
def _axe() -> str:
    if not AXE.exists():
        absent("browser", "axe-core is not installed: run npm ci in services/console/frontend")
    return AXE.read_text()
