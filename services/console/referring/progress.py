"""How far somebody is with the web form: which pages there are, what comes next, what was said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from contracts.codes import CONCERNS
from services.console.referring.answers import NONE, blanks_of, pointer, row_of, typed_of
from services.console.referring.questions import LISTS, SECTION_OF, SECTIONS
from services.console.referring.shapes import AGENCIES, Field, Form, Kind, Page, Section, unborn

BLANK_WORDS: Final = {"unknown": "Not known", "not_applicable": "Does not apply"}
_OF_THE_BORN: Final = frozenset(
    {"child-birth", "child-school", "child-background", "child-needs", "child-fostering"}
)
TASKS: Final = "/refer/tasks"


@dataclass(frozen=True, slots=True)
class Step:
    """One page, of one row where it asks about rows."""

    page: Page
    place: int = 0

    @property
    def path(self) -> str:
        """Its address."""
        own = f"/refer/page/{self.page.name}"
        return f"{own}/{self.place}" if self.page.rows else own


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, as it is looked through before sending."""

    label: str
    text: str
    path: str
    about: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a section is."""

    section: Section
    path: str
    state: str
    done: bool


def steps(section: Section, form: Form) -> Iterator[Step]:
    """The pages of a section, in the order of asking."""
    if section.list:
        for place, _ in enumerate(form.get(section.list.rows) or ()):
            yield from row_steps(section, form, place)
        return
    for page in section.pages:
        if page.rows:
            for place, _ in enumerate(form.get(page.rows) or ()):
                yield Step(page, place)
        elif page.when(form):
            yield Step(page)


def row_steps(section: Section, form: Form, place: int) -> Iterator[Step]:
    """The pages about one row of a list."""
    for page in section.pages:
        if page.rows != "children" or _fits(page, form, place):
            yield Step(page, place)


def following(step: Step, form: Form) -> str:
    """Where somebody goes on from a page that was answered."""
    section = SECTION_OF[step.page.name]
    found = list(row_steps(section, form, step.place) if section.list else steps(section, form))
    after = next((n for n, one in enumerate(found, 1) if one == step), len(found))
    if after < len(found):
        return found[after].path
    return f"/refer/list/{section.list.rows}" if section.list else TASKS


def before(step: Step, form: Form) -> str:
    """Where the link back leads from a page."""
    section = SECTION_OF[step.page.name]
    found = list(row_steps(section, form, step.place) if section.list else steps(section, form))
    place = found.index(step) if step in found else 0
    if place:
        return found[place - 1].path
    return f"/refer/list/{section.list.rows}" if section.list else TASKS


def answered(step: Step, form: Form) -> bool:
    """Whether anything was answered on a page."""
    return bool(typed_of(step.page, form, step.place))


def progress(form: Form) -> Iterator[Progress]:
    """How far each section is."""
    blanks = blanks_of(form)
    for section in SECTIONS:
        found = list(steps(section, form))
        path = f"/refer/list/{section.list.rows}" if section.list else found[0].path
        told = [one for one in found if answered(one, form)]
        due = [one for one in found if not one.page.optional]
        nobody = section.list is not None and f"/{section.list.rows}" in blanks
        wanted = any(not page.optional for page in section.pages)
        if nobody or (told and all(answered(one, form) for one in due)):
            state = "Done"
        elif told:
            state = f"{sum(answered(one, form) for one in due)} of {len(due)} answered"
        else:
            state = "Not started" if wanted else "If you can"
        yield Progress(section, path, state, state == "Done")


def called(rows: str, form: Form, place: int) -> str:
    """What a row of a list is called."""
    found = form.get(rows) or ()
    row: Form = found[place] if place < len(found) else {}
    if rows == "concerns":
        return CONCERNS.get(row.get("code", ""), "A worry")
    if rows == "children":
        name = " ".join(filter(None, (row.get("given_name"), row.get("family_name"))))
        if not name and unborn(row, blanks_of(form), place):
            return "the unborn baby"
        return name or ("this child" if place >= len(found) else f"child {place + 1}")
    return str(row.get("name") or dict(AGENCIES).get(row.get("agency", ""), "this person"))


def said(form: Form) -> Iterator[tuple[Section, list[Said]]]:
    """Everything that was answered, by section."""
    for section in SECTIONS:
        found = [
            one for step in steps(section, form) for one in _said(step, form, called_of(step, form))
        ]
        if section.list and not found:
            text = "Not known" if f"/{section.list.rows}" in blanks_of(form) else "Nothing yet"
            found = [Said(section.title, text, f"/refer/list/{section.list.rows}", "")]
        yield section, found


def called_of(step: Step, form: Form) -> str:
    """What the row is called that a page is about, or nothing."""
    return called(step.page.rows, form, step.place) if step.page.rows else ""


def where(at: str, form: Form) -> str:
    """The address of the page that asks what stands at a JSON pointer."""
    if at[1:] in LISTS:
        return f"/refer/list{at}"
    for section in SECTIONS:
        for step in steps(section, form):
            for field in step.page.fields:
                own = pointer(step.page, field, step.place)
                if field.at and (f"{at}/".startswith(f"{own}/") or own.startswith(f"{at}/")):
                    return step.path
    return TASKS


def told(step: Step, form: Form) -> Iterator[tuple[str, str]]:
    """What a page's questions are answered with, for somebody who saw other answers."""
    for one in _said(step, form, called_of(step, form)):
        yield one.label, one.text


def _fits(page: Page, form: Form, place: int) -> bool:
    gone = unborn(row_of(page, form, place), blanks_of(form), place)
    return page.name not in _OF_THE_BORN if gone else page.name != "child-expected"


def _said(step: Step, form: Form, about: str) -> Iterator[Said]:
    values = typed_of(step.page, form, step.place)
    for field in step.page.fields:
        text = text_of(field, values, form)
        if text:
            label = field.label.replace("{name}", about)
            yield Said(label, text, step.path, about)


def text_of(field: Field, values: Mapping[str, list[str]], form: Form) -> str:
    """What a question was answered with, in words; nothing where it was not."""
    if field.name + NONE in values:
        return BLANK_WORDS[values[field.name + NONE][0]]
    if field.kind is Kind.DAY:
        parts = [values.get(f"{field.name}-{part}", [""])[0] for part in ("year", "month", "day")]
        if not all(parts):
            return ""
        day = date(*(int(part) for part in parts))
        return f"{day.day} {day:%B %Y}"
    told = values.get(field.name, [])
    if field.kind is Kind.PLACES:
        return ", ".join(called("children", form, int(place)) for place in told)
    if field.kind is Kind.TICKED:
        return "Yes" if told else ""
    titles = dict(field.options)
    return ", ".join(titles.get(one, one) for one in told)
