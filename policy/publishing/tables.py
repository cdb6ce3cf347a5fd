"""Tables of the page."""

from collections.abc import Iterable, Iterator


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], caption: str) -> Iterator[str]:
    """A table whose cells are HTML already; the first of each row names it. On a narrow screen
    each cell says its column."""
    names = list(heads)
    yield f"<table><caption>{caption}</caption><thead><tr>"
    yield from (f'<th scope="col">{name}</th>' for name in names)
    yield "</tr></thead><tbody>"
    for row in rows:
        first, *rest = row
        cells = "".join(
            f'<td data-column="{name}">{cell}</td>'
            for name, cell in zip(names[1:], rest, strict=True)
        )
        yield f'<tr><th scope="row">{first}</th>{cells}</tr>'
    yield "</tbody></table>"
