"""The concern codes that packs may name."""

CONCERNS = frozenset({
    "domestic_abuse", "parental_mental_ill_health", "parental_substance_misuse",
    "child_mental_ill_health", "self_harm", "neglect", "physical_abuse", "sexual_abuse",
    "emotional_abuse", "injury_to_non_mobile_child", "sexual_exploitation",
    "criminal_exploitation", "missing", "radicalisation", "young_carer", "poor_attendance",
    "exclusion", "behaviour", "parenting_support", "housing", "financial_hardship", "disability",
    "health", "bereavement", "private_fostering", "unborn_child",
})
