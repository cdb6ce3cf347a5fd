"""What the web form asks of worries, of what the child says, of what was tried and what the parents know."""

from contracts import codes
from services.console.referring.shapes import (
    AGENCIES,
    IMPACTS,
    LEVELS,
    WORRIES,
    YES_NO,
    Field,
    Kind,
    List,
    Page,
    Section,
    answered_for,
    at_work,
    hurt,
    not_told,
    options,
)

_L, _W, _C, _D = Kind.LINE, Kind.WORDS, Kind.CHOICE, Kind.DAY

WORRIES_SECTION = Section(
    "worries",
    "Your worries",
    (
        Page(
            "happened",
            "What has happened, and why are you worried?",
            (Field("narrative", _W, "What has happened, and why are you worried?", ("narrative",),
                   "What did you see or hear yourself, and when? What did somebody tell you?"),),
            help="happened",
        ),
        Page(
            "concerns",
            "What are you worried about?",
            (Field("concerns", Kind.ROWS, "What are you worried about?", ("concerns",),
                   "Choose all that fit.", WORRIES),),
        ),
        Page(
            "concern",
            "{name}",
            (
                Field("impact", _C, "How much does it affect the child?", ("impact",),
                      options=IMPACTS),
                Field("children", Kind.PLACES, "Which children?", ("children",),
                      "If you choose none, we take it to be all of them."),
                Field("detail", _W, "What makes you think so?", ("detail",)),
                Field("observed_on", _D, "When did you last notice it?", ("observed_on",)),
                Field("current", Kind.YES_NO, "Does it go on now?", ("current",), options=YES_NO),
            ),
            rows="concerns",
            help="clauses",
            optional=True,
        ),
        Page(
            "source",
            "How do you know?",
            (
                Field("information_source", _C, "How do you know?", ("information_source",),
                      options=options(codes.INFORMATION_SOURCES)),
                Field("exact_words", _W, "The child's own words, if the child told somebody",
                      ("exact_words",), "Word for word. Don't ask the child to say it again."),
            ),
            optional=True,
        ),
        Page(
            "injuries",
            "Is there an injury?",
            (Field("injuries", _W, "What does the injury look like?", ("injuries",),
                   "Where on the body, how big, what colour, and what was said of it.", blank=True),),
            when=hurt,
            optional=True,
        ),
        Page(
            "history",
            "What went before?",
            (Field("history", _W, "What went before?", ("history",),
                   "Earlier worries, and when.", blank=True),),
            optional=True,
        ),
        Page(
            "level",
            "Which level of need do you think it is?",
            (Field("referrer_level", Kind.LEVEL, "Which level of need do you think it is?",
                   ("referrer_level",), "You need not know. We look at it ourselves.", LEVELS),),
            when=at_work,
            optional=True,
        ),
        Page(
            "wanted",
            "What do you think should happen?",
            (
                Field("request", _C, "What do you ask for?", ("request",),
                      options=options(codes.REQUESTS)),
                Field("what_should_happen", _W, "What do you think should happen?",
                      ("what_should_happen",)),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip

ALLEGED_SECTION = Section(
    "alleged",
    "Who is said to have done harm",
    (
        Page(
            "alleged",
            "Who is said to have done harm?",
            (
                Field("name", _L, "Name", ("name",), "Few of us see this."),
                Field("relationship", _L, "What are they to the child?", ("relationship",)),
                Field("access_to_children", _W, "Do they see the child, or other children?",
                      ("access_to_children",)),
                Field("works_with_children", Kind.TICKED,
                      "They work or volunteer with children", ("works_with_children",)),
            ),
            rows="alleged_perpetrators",
            optional=True,
        ),
    ),
    List("alleged_perpetrators", "Who is said to have done harm", "person",
         "Leave this empty if nobody is.", 20),
)  # fmt: skip

VOICE_SECTION = Section(
    "voice",
    "What the child says, and what goes well",
    (
        Page(
            "voice",
            "What does the child say, or show?",
            (
                Field("child_voice", _W, "What does the child say, or show?", ("child_voice",)),
                Field("child_voice_missing_because", _W, "If nobody asked the child: why?",
                      ("child_voice_missing_because",)),
            ),
        ),
        Page(
            "well",
            "What goes well?",
            (Field("going_well", _W, "What goes well?", ("going_well",),
                   "What keeps the child safe, and who helps."),),
            optional=True,
        ),
    ),
)  # fmt: skip

TRIED_SECTION = Section(
    "tried",
    "What was tried already",
    (
        Page(
            "tried",
            "What was tried already?",
            (Field("work_already_tried", _W, "What was tried already?", ("work_already_tried",),
                   "And what came of it. Nothing need be tried first where a child is not safe.",
                   blank=True),),
        ),
    ),
)  # fmt: skip

AGENCIES_SECTION = Section(
    "agencies",
    "Who works with the family already",
    (
        Page(
            "involved",
            "Who works with the family already?",
            (
                Field("name", _L, "Name", ("name",)),
                Field("role", _L, "Role", ("role",)),
                Field("contact", _L, "How to reach them", ("contact",)),
                Field("agency", _C, "Kind of organisation", ("agency",), options=AGENCIES),
            ),
            rows="agencies_involved",
            optional=True,
        ),
    ),
    List("agencies_involved", "Who works with the family already", "person",
         "As far as you know.", 50, "I don't know of anybody"),
)  # fmt: skip

TOLD_SECTION = Section(
    "told",
    "What the parents know, and agreement",
    (
        Page(
            "told",
            "Do the parents know that you are telling us?",
            (Field("parents_informed", Kind.YES_NO, "Do the parents know that you are telling us?",
                   ("parents_informed",), "Tell them, unless that could put the child or somebody "
                   "else at risk.", YES_NO),),
        ),
        Page(
            "not-told",
            "Why were the parents not told?",
            (Field("reason_not_informed", _C, "Why were the parents not told?",
                   ("reason_not_informed",), options=options(codes.REASONS_NOT_INFORMED)),),
            when=not_told,
        ),
        Page(
            "agreement",
            "Does the family agree to be helped?",
            (Field("status", _C, "Does the family agree to be helped?", ("agreement", "status"),
                   "We read the referral whatever you answer.",
                   options(codes.AGREEMENT_STATUSES)),),
        ),
        Page(
            "agreed",
            "What did they say?",
            (
                Field("given_by", _L, "Who said so?", ("agreement", "given_by")),
                Field("given_on", _D, "When?", ("agreement", "given_on")),
                Field("scope", Kind.SEVERAL, "What does it cover?", ("agreement", "scope"),
                      options=options(codes.AGREEMENT_SCOPES)),
                Field("young_persons_own", _C, "Does the young person agree too?",
                      ("agreement", "young_persons_own"), options=options(codes.ANSWERS)),
            ),
            when=answered_for,
            optional=True,
        ),
        Page(
            "response",
            "What does the family say about it?",
            (
                Field("family_response", _W, "What does the family say about it?",
                      ("family_response",)),
                Field("willing_to_engage", _C, "Would they work with a service?",
                      ("willing_to_engage",), options=options(codes.ANSWERS)),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip

SAFETY_SECTION = Section(
    "safety",
    "Safety of whoever visits",
    (
        Page(
            "safety",
            "What does a visitor have to take care of?",
            (
                Field("risks", Kind.ROWS, "Choose all that you know of", ("risks_to_workers",),
                      options=options(codes.RISKS_TO_WORKERS)),
                Field("visiting_advice", _W, "How to visit or ring safely", ("visiting_advice",),
                      "For example who must not hear of it, and when it is safe to ring.",
                      blank=True),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip
