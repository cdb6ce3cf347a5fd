"""The referral form (practice calls it MARF): its fields, and how a posted one is read."""

from contracts.form.cleaning import CLEAN_LINE, CLEAN_WORDS
from contracts.form.completeness import Completeness
from contracts.form.dates import age_band, completed_months, probably_non_mobile
from contracts.form.identifiers import (
    nhs_number,
    no_fixed_abode,
    normal_postcode,
    unique_pupil_number,
)
from contracts.form.model import (
    FORM_VERSION,
    FORM_VERSIONS,
    MAX_CHILDREN,
    MAX_TEXT,
    Address,
    Agreement,
    Child,
    Concern,
    ParentInformed,
    Person,
    ReferralForm,
    Referrer,
)
from contracts.form.problems import FieldWarning, FormRefused
from contracts.form.reading import FormReading, can_be_found, is_urgent, is_worry, read_form

__all__ = [
    "CLEAN_LINE",
    "CLEAN_WORDS",
    "FORM_VERSION",
    "FORM_VERSIONS",
    "MAX_CHILDREN",
    "MAX_TEXT",
    "Address",
    "Agreement",
    "Child",
    "Completeness",
    "Concern",
    "FieldWarning",
    "FormReading",
    "FormRefused",
    "ParentInformed",
    "Person",
    "ReferralForm",
    "Referrer",
    "age_band",
    "can_be_found",
    "completed_months",
    "is_urgent",
    "is_worry",
    "nhs_number",
    "no_fixed_abode",
    "normal_postcode",
    "probably_non_mobile",
    "read_form",
    "unique_pupil_number",
]
