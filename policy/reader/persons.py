"""Whether somebody named is a he or a she, and whom a later "he" or "she" can therefore mean."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policy.reader.roles import NAMED, Entry

HE, SHE = "m", "f"

_HE_WORDS = frozenset(
    """dad dads daddy father fathers papa stepdad stepfather grandad grandads grandfather grandpa
    uncle uncles brother brothers son sons boy boys lad lads nephew grandson husband hubby boyfriend
    boyfriends bf fa foc mgf pgf man men male males bloke fella feller guy stepson schoolboy laddie
    godfather""".split()  # noqa: SIM905
)
_SHE_WORDS = frozenset(
    """mum mums mummy mother mothers mam mammy mumma mama mom moms stepmum stepmother nan nanna nana
    nanny gran granny grandma grandmother aunt aunts auntie aunty sister sisters daughter daughters
    girl girls lass lasses niece granddaughter wife girlfriend girlfriends missus mo moc mgm pgm
    woman women lady female females stepdaughter schoolgirl godmother""".split()  # noqa: SIM905
)
_OFFSPRING = frozenset({"son", "daughter", "son's", "daughter's"})
_ELDERS = frozenset(
    """nan nanna nana nanny gran granny grandma grandmother grandad grandfather grandpa mgm pgm mgf pgf
    grandparent grandparents""".split()  # noqa: SIM905
)
_WHOSE = frozenset({"her", "his", "my", "their", "our"})
_SEX = {
    form: sex
    for words, sex in ((_HE_WORDS, HE), (_SHE_WORDS, SHE))
    for word in words
    for form in (word, f"{word}'s")
}
# More than one, whom no later "he" or "she" means.
_SEVERAL = frozenset(
    """children kids twins parents siblings boys girls brothers sisters sons daughters lads grandparents
    families babies carers pupils""".split()  # noqa: SIM905
)
# Who does something: somebody spoken of before.
NOMINATIVE = {
    **dict.fromkeys(("he", "he's", "he'd", "he'll"), HE),
    **dict.fromkeys(("she", "she's", "she'd", "she'll"), SHE),
}
_SUBJECTS = frozenset(NOMINATIVE)
_OBLIQUE = {"his": HE, "him": HE, "her": SHE}
_SEX_MEANT = {**NOMINATIVE, **_OBLIQUE}
_PLURAL = frozenset({"they", "their", "them"})
# A pronoun carries on from the sentence before if it stands among the first words.
_OPENING = 4
# How far behind a deed the one stands to whom it is done.
_DONE_TO = 3
_CALLED = frozenset({",", "(", "called", "named"})
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "pc", "sgt", "dc", "councillor", "nurse"})
_AGED = frozenset({"of", "aged"})
# Whoever is named among the first words does what the sentence tells.
_FIRST = 2
# After these words whoever was named does something.
DOES = frozenset(
    """is was has had does did doesn't didn't isn't wasn't hasn't gets got keeps kept can can't cannot
    could will won't would started starts says said refuses""".split()  # noqa: SIM905
)


class Person(NamedTuple):
    """Somebody named: the first and last word, whether as child or as parent, and of what sex; or a
    "he" or "she" before it is known who that is, of no kind."""

    first: int
    last: int
    kind: str
    sex: str


# A named tuple made without a call of its own.
_quickly = tuple.__new__


def persons(words: Sequence[str], entries: Iterable[Entry]) -> list[Person]:
    """Those named in a sentence. Somebody called by name alone is a child, as practitioners write;
    a name behind "mum" or "partner" is theirs, and behind a title somebody else's."""
    found: list[Person] = []
    for role, first, last in entries:
        for kind in role.people:
            if kind != NAMED:
                found.append(_quickly(Person, (first, last, kind, _sex(words, first, last))))
            elif found and _apposed(words[found[-1].last + 1 : first]):
                found[-1] = found[-1]._replace(last=last)
            elif not first or words[first - 1] not in _TITLES:
                found.append(Person(first, last, "child", ""))
    return found


def _sex(words: Sequence[str], first: int, last: int) -> str:
    """HE, SHE, or nothing where the words that name somebody leave it open."""
    if first == last:
        return _SEX.get(words[first], "")
    found = {_SEX[word] for word in words[first : last + 1] if word in _SEX}
    return found.pop() if len(found) == 1 else ""


def grown_up(words: Sequence[str], entries: Sequence[Entry], talk: "Talk") -> list[Entry]:
    """Which entries are a grandparent's own son or daughter, and so a parent: "nan says her daughter
    is using again"."""
    elder = talk.called in _ELDERS
    found: list[Entry] = []
    for entry in entries:
        role, first, last = entry
        if not role.people:
            continue
        if elder and words[first] in _OFFSPRING and first and words[first - 1] in _WHOSE:
            found.append(entry)
        else:
            elder = not _ELDERS.isdisjoint(words[first : last + 1])
    return found


def _apposed(between: Sequence[str]) -> bool:
    return not between or (len(between) == 1 and between[0] in _CALLED)


class Talk:
    """Whom a text has spoken of so far, as a child, a parent or nobody: last of all, and last as a
    he and as a she."""

    __slots__ = ("called", "last", "of")

    def __init__(self) -> None:
        self.last = ""
        # The word that whoever was named last is called by.
        self.called = ""
        self.of: dict[str, str] = {}

    def name(self, words: Sequence[str], named: Sequence[Person]) -> None:
        """Those named by a sentence's words."""
        for _, last, kind, sex in named:
            if words[last] in _SEVERAL and self.of:
                continue
            if sex != SHE:
                self.of[HE] = kind
            if sex != HE:
                self.of[SHE] = kind
        self.last = named[-1].kind
        self.called = words[named[-1].last]

    def go_on(self, words: Sequence[str]) -> str:
        """Whom a sentence that names nobody is about."""
        for word in words[:_OPENING]:
            sex = _SEX_MEANT.get(word)
            if sex:
                self.last = self.of.get(sex, "")
                return self.last
            if word in _PLURAL:
                return self.last
        self.last = ""
        self.called = ""
        self.of.clear()
        return ""

    def follow(self, named: list[Person], words: Sequence[str]) -> list[Person]:
        """Those named in a sentence and, in their order, each "he" or "she" as whom it means: of no
        kind where nobody was spoken of who could be meant."""
        if _SUBJECTS.isdisjoint(words):
            if named:
                self.name(words, named)
            return named
        said = [
            _quickly(Person, (at, at, "", NOMINATIVE[word]))
            for at, word in enumerate(words)
            if word in NOMINATIVE
        ]
        found: list[Person] = []
        for person in sorted((*named, *said)) if named else said:
            first, last, kind, sex = person
            if kind:
                self.name(words, (person,))
                found.append(person)
            else:
                found.append(_quickly(Person, (first, last, self.of.get(sex, ""), sex)))
        return found


def is_doer(person: Person, words: Sequence[str]) -> bool:
    """Whether somebody is named as doing something: a "he" or "she", the first in a sentence, or
    whoever has a verb behind them."""
    behind = person.last + 1
    return (
        person.first < _FIRST
        or words[person.first] in NOMINATIVE
        or (behind < len(words) and _does(words, behind))
    )


def done_by_another(words: Sequence[str], named: Sequence[Person], first: int, deed: int) -> bool:
    """Whether somebody else than the one named at `first` does what stands at `deed`: "mum says he
    shouts at her", "mum says that her son is low". He to whom it is done doesn't do it: "mum is
    cross if he cries and hits him"."""
    for person in named:
        if person.first == first:
            break
    else:
        return False
    if deed == person.last + 1:
        return False
    for at in range(deed - 1, person.last, -1):
        sex = NOMINATIVE.get(words[at])
        if sex:
            done_to = words[deed + 1 : deed + 1 + _DONE_TO]
            return (
                bool(person.sex)
                and sex != person.sex
                and all(_OBLIQUE.get(each) != sex for each in done_to)
            )
    return any(
        person.last < each.first < deed
        and words[each.first - 1] != "and"
        and _does(words, each.last + 1)
        for each in named
    )


def _does(words: Sequence[str], behind: int) -> bool:
    """Whether a verb follows somebody named, "her son is" or "her son of 14 is"."""
    if words[behind] in _AGED:
        behind += 2
    return behind < len(words) and words[behind] in DOES
