"""What an authority arranges in its own way: who talks a referral through, and where help comes
from."""

from collections.abc import Iterator
from html import escape

from contracts.events import AssigneeKind, DiscussionKind
from policy.pack import Pack
from policy.publishing import words
from policy.publishing.tables import table

# Who belongs to a discussion everywhere; a strategy discussion as Working Together has it.
_EVERYWHERE = {
    DiscussionKind.HUB: ("A discussion of the hub", ("children's social care", "another agency")),
    DiscussionKind.STRATEGY: (
        "A strategy discussion",
        ("children's social care", "police", "health"),
    ),
    DiscussionKind.DOMESTIC_ABUSE_TRIAGE: (
        "A triage of domestic abuse",
        ("children's social care", "police"),
    ),
}


def discussions(pack: Pack) -> Iterator[str]:
    """Which agencies belong to each kind of discussion."""
    yield "<p>Some referrals are talked through before or after the decision. Without these agencies"
    yield "it is no such discussion; others may join.</p>"
    yield from table(
        ("Discussion", "Who must be there"),
        (
            (title, escape(words.begin(words.listed([*everywhere, *_here(pack, kind)]))))
            for kind, (title, everywhere) in _EVERYWHERE.items()
        ),
        "Discussions",
    )


def _here(pack: Pack, kind: DiscussionKind) -> list[str]:
    return [words.agency(one) for one in pack.discussions.attend.get(kind, ())]


def help_(pack: Pack) -> Iterator[str]:
    """Localities, the rules by which work finds somebody, and panels."""
    section = pack.allocation
    places = [escape(each.name) for each in section.localities.values()]
    by = "school" if section.locality_from[0] == "school" else "home address"
    yield f"<p>Localities: {words.listed(places)}. A child's locality is that of the {by}, or else"
    yield f"of the {'home address' if by == 'school' else 'school'}.</p>"
    yield from table(
        ("Why", "Who is asked"),
        (
            (escape(rule.because), escape(words.begin(words.target(pack, rule.to))))
            for rule in (*section.first, *section.rules)
        ),
        "Who is asked to help: the first rule that fits",
    )
    panels = section.panels.values()
    if panels:
        yield from table(
            ("Panel", "Meets", "Who sits on it", "At least"),
            (
                (
                    escape(panel.name),
                    words.meets(panel),
                    escape(words.begin(words.listed([words.agency(one) for one in panel.members]))),
                    f"{panel.quorum} of them",
                )
                for panel in panels
            ),
            "Panels",
        )
    leading = [
        f"{escape(team.name)} (up to level {team.leads_up_to})"
        for team in section.teams.values()
        if team.kind is AssigneeKind.LEAD_PROFESSIONAL
    ]
    if leading:
        yield f"<p>Who leads for a family: {words.listed(leading)}. Nobody is asked to lead above"
        yield "their level.</p>"
