"""What the web form asks of danger, of whoever fills it in, of the children and their household."""

from contracts import codes
from services.console.referring.shapes import (
    AGENCIES,
    KNOWN,
    PEOPLE,
    WORK,
    YES_NO,
    YES_NO_UNKNOWN,
    Field,
    Kind,
    List,
    Page,
    Section,
    at_work,
    named,
    of_the_family,
    options,
)

_L, _W, _C, _D = Kind.LINE, Kind.WORDS, Kind.CHOICE, Kind.DAY

DANGER_SECTION = Section(
    "danger",
    "Is a child in danger now?",
    (
        Page(
            "danger",
            "Is a child in danger now?",
            (Field("immediate_danger", Kind.YES_NO, "Is a child in danger now?",
                   ("immediate_danger",), "If so, ring 999 before you go on.", YES_NO),),
        ),
        Page(
            "telephoned",
            "Have you rung us about this already?",
            (
                Field("made", _C, "Have you rung us about this already?", ("telephoned", "made"),
                      options=KNOWN),
                Field("to", _L, "Whom did you speak to?", ("telephoned", "to"), "If you know.",
                      width="20"),
                Field("on", _D, "When was that?", ("telephoned", "on")),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip

YOU_SECTION = Section(
    "you",
    "About you",
    (
        Page(
            "who",
            "Who are you?",
            (Field("agency", Kind.WHO, "Who are you?", ("referrer", "agency"),
                   "Anybody may tell us of a worry. If you give no name, we can't come back to you.",
                   ((WORK, "I work or volunteer for an organisation"), *PEOPLE)),),
        ),
        Page(
            "organisation",
            "Your organisation",
            (
                Field("organisation", _L, "Name of the organisation", ("referrer", "organisation"),
                      autocomplete="organization"),
                Field("role", _L, "Your role", ("referrer", "role"),
                      autocomplete="organization-title"),
                Field("kind", _C, "What kind of organisation is it?", ("referrer", "agency"),
                      options=AGENCIES),
            ),
            when=at_work,
        ),
        Page(
            "name",
            "What is your name?",
            (Field("name", _L, "What is your name?", ("referrer", "name"),
                   "We don't tell the family who you are without asking you first, where we can help "
                   "it. A court can order us to.", autocomplete="name"),),
            when=named,
        ),
        Page(
            "contact",
            "How can we reach you?",
            (
                Field("email", _L, "Email address", ("referrer", "email"),
                      "The answer goes there. Give one that nobody else reads.", autocomplete="email"),
                Field("phone", _L, "Telephone number", ("referrer", "phone"), width="20",
                      autocomplete="tel"),
            ),
            when=named,
        ),
        Page(
            "safely",
            "Is it safe for us to write to you?",
            (
                Field("write_safely", Kind.YES_NO, "Is it safe for us to write to you?",
                      ("referrer", "write_safely"),
                      "Say yes only if nobody else reads your emails. If you say no, or nothing, we "
                      "send you nothing and ring you.", YES_NO),
                Field("safe_contact", _L, "How and when is it safe to reach you?",
                      ("referrer", "safe_contact"),
                      "For example, on weekdays between 10 and 2, and hang up if a man answers."),
            ),
            when=of_the_family,
        ),
        Page(
            "knows",
            "How do you know the child?",
            (Field("knows_child", _W, "How do you know the child?", ("referrer", "knows_child")),),
            optional=True,
        ),
        Page(
            "asked",
            "Whom have you asked about this?",
            (
                Field("lead", _C, "Have you talked to your safeguarding lead?",
                      ("referrer", "safeguarding_lead_consulted"),
                      options=options(codes.ANSWERS)),
                Field("guidance", _C, "Have you looked at the thresholds guidance?",
                      ("referrer", "guidance_consulted"), options=KNOWN),
            ),
            when=at_work,
            optional=True,
        ),
    ),
)  # fmt: skip

CHILDREN_SECTION = Section(
    "children",
    "The children",
    (
        Page(
            "child-name",
            "What is the child's name?",
            (
                Field("given_name", _L, "First name", ("given_name",), "As much as you know."),
                Field("family_name", _L, "Family name", ("family_name",)),
                Field("also_known_as", Kind.LINES, "Other names", ("also_known_as",),
                      "Names that the child is known by too, one on each line."),
            ),
            rows="children",
        ),
        Page(
            "child-born",
            "Is {name} born yet?",
            (Field("born", Kind.BORN, "Is {name} born yet?", (), options=(
                ("born", "Yes"), ("unborn", "No, the baby is expected"))),),
            rows="children",
            optional=True,
        ),
        Page(
            "child-birth",
            "When was {name} born?",
            (
                Field("date_of_birth", _D, "Date of birth", ("date_of_birth",),
                      "For example, 4 3 2017."),
                Field("age_estimate", Kind.NUMBER, "If you don't know: about how many years old?",
                      ("age_estimate",), width="2"),
            ),
            rows="children",
        ),
        Page(
            "child-expected",
            "When is the baby due?",
            (Field("expected_date_of_delivery", _D, "When is the baby due?",
                   ("expected_date_of_delivery",), blank=True),),
            rows="children",
        ),
        Page(
            "child-address",
            "Where does {name} live?",
            (
                Field("lines", Kind.LINES, "Address", ("address", "lines")),
                Field("postcode", _L, "Postcode", ("address", "postcode"), width="10"),
                Field("confidential", Kind.TICKED, "The address must be kept from somebody",
                      ("address", "confidential"), "Then few of us see it."),
                Field("address_unknown_because", _W, "If you don't know the address: why?",
                      ("address_unknown_because",)),
            ),
            rows="children",
            help="address",
        ),
        Page(
            "child-sex",
            "What is {name}'s sex?",
            (Field("sex", _C, "What is {name}'s sex?", ("sex",), options=options(codes.SEXES)),),
            rows="children",
            optional=True,
        ),
        Page(
            "child-school",
            "Which school or nursery does {name} go to?",
            (
                Field("school", _L, "School or nursery", ("school",), blank=True),
                Field("school_year", _L, "School year", ("school_year",), blank=True, width="5"),
                Field("upn", _L, "Unique pupil number (UPN)", ("upn",), blank=True, width="20"),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-health",
            "Where is {name} registered with a doctor?",
            (
                Field("gp", _L, "GP surgery", ("gp",), blank=True),
                Field("nhs_number", _L, "NHS number", ("nhs_number",),
                      "10 digits, such as 999 123 4567.", blank=True, width="20"),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-background",
            "{name}'s background and language",
            (
                Field("ethnicity", _C, "Ethnic background", ("ethnicity",),
                      options=options(codes.ETHNICITIES)),
                Field("first_language", _L, "First language", ("first_language",), blank=True,
                      width="20"),
                Field("interpreter_needed", _C, "Is an interpreter or signer needed?",
                      ("interpreter_needed",), options=KNOWN),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-needs",
            "Does {name} have a disability or special needs?",
            (
                Field("disabilities", Kind.SEVERAL, "Disabilities", ("disabilities",),
                      options=options(codes.DISABILITIES)),
                Field("special_needs", _W, "Special needs, and how to talk with the child",
                      ("special_needs",)),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-fostering",
            "Does {name} live with somebody who is not close family?",
            (Field("private_fostering", _C,
                   "Does {name} live with somebody who is not close family?", ("private_fostering",),
                   "For 28 days or more, by agreement with the parents: that is private fostering, "
                   "and the council has to know.", options=KNOWN),),
            rows="children",
            optional=True,
        ),
    ),
    List("children", "The children", "child",
         "Every child of the household, those not born yet too.", 30),
)  # fmt: skip

HOUSEHOLD_SECTION = Section(
    "household",
    "Parents and others in the household",
    (
        Page(
            "person-name",
            "Who is it?",
            (
                Field("name", _L, "Name", ("name",)),
                Field("relationship", _L, "What are they to the child?", ("relationship",),
                      "For example mother, stepfather, lodger."),
                Field("date_of_birth", _D, "Date of birth, if you know it", ("date_of_birth",)),
            ),
            rows="household",
        ),
        Page(
            "person-responsibility",
            "{name} and the children",
            (
                Field("parental_responsibility", Kind.YES_NO,
                      "Does {name} have parental responsibility?", ("parental_responsibility",),
                      "The legal rights and duties of a parent.", YES_NO_UNKNOWN),
                Field("lives_with_children", _C, "Does {name} live with the children?",
                      ("lives_with_children",), options=KNOWN),
                Field("phone", _L, "Telephone number", ("phone",), width="20"),
            ),
            rows="household",
            optional=True,
        ),
    ),
    List("household", "Parents and others in the household", "person",
         "Parents first, also one who lives elsewhere; then everybody who lives in the home.", 50,
         "I don't know who else is in the household"),
)  # fmt: skip
