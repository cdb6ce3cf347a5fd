"""The code sets: what is fixed for partners, and the census mapping."""

from contracts import codes

FIXED_CONCERNS = {
    "domestic_abuse", "parental_mental_ill_health", "parental_substance_misuse",
    "child_mental_ill_health", "self_harm", "neglect", "physical_abuse", "sexual_abuse",
    "emotional_abuse", "injury_to_non_mobile_child", "sexual_exploitation",
    "criminal_exploitation", "missing", "radicalisation", "young_carer", "poor_attendance",
    "exclusion", "behaviour", "parenting_support", "housing", "financial_hardship", "disability",
    "health", "bereavement", "private_fostering", "unborn_child",
}  # fmt: skip
CENSUS_SOURCES = {
    "1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F", "4", "5A", "5B", "5C",
    "5D", "6", "7", "8", "9",
}  # fmt: skip


def test_the_fixed_concerns_are_there() -> None:
    assert set(codes.CONCERN_TYPES) >= FIXED_CONCERNS


def test_every_concern_has_a_census_factor() -> None:
    for concern in codes.CONCERN_TYPES.values():
        assert concern.factors
        assert set(concern.factors) <= set(codes.FACTORS)


def test_every_census_factor_but_no_factor_can_be_said() -> None:
    said = {factor for concern in codes.CONCERN_TYPES.values() for factor in concern.factors}

    assert said == set(codes.FACTORS) - {"21"}


def test_withdrawn_factors_are_not_used() -> None:
    assert not {"18A", "19A"} & set(codes.FACTORS)


def test_every_census_source_has_an_agency() -> None:
    assert {agency.source for agency in codes.AGENCY_TYPES.values()} == CENSUS_SOURCES


def test_every_agency_shares_on_a_known_basis() -> None:
    assert {codes.basis_for(agency) for agency in codes.AGENCIES} <= set(codes.LAWFUL_BASES)
    assert codes.basis_for("police") == "public_task"
    assert codes.basis_for(None) == codes.basis_for("other")


def test_titles_are_unlike_each_other() -> None:
    for titles in (codes.CONCERNS, codes.AGENCIES):
        assert len(set(titles.values())) == len(titles)
