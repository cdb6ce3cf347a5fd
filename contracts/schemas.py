"""JSON Schemas (2020-12) of every event and of the referral form, from their classes."""

import inspect
from typing import Any, Final

from contracts import codes
from contracts.form import ReferralForm
from contracts.form.model import MAX_NAME
from contracts.registry import EventType

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
BASE: Final = "https://frontdoor.example/contracts/"

Schema = dict[str, Any]


def event_schema(event: EventType) -> Schema:
    """The whole envelope of one event type, with its `type` fixed."""
    schema = event.envelope.model_json_schema()
    schema["properties"]["type"] = {"const": event.type, "title": "Type", "type": "string"}
    schema["properties"]["sequence"]["pattern"] = "^[0-9]{10}$"
    return {
        "$schema": DIALECT,
        "$id": f"{BASE}schemas/{event.name}.json",
        **_untitled(schema),
        "title": event.type,
        "description": about(event),
        "x-owner": event.owner,
    }


def about(event: EventType) -> str:
    """What an event says, in a sentence or two."""
    return " ".join((inspect.getdoc(event.data) or "").split())


def form_schema() -> Schema:
    """The referral form. Only the authority is required: what is missing is told in warnings."""
    schema = _untitled(ReferralForm.model_json_schema())
    schema["properties"]["authority"] = {"type": "string", "minLength": 1, "maxLength": MAX_NAME}
    return {
        "$schema": DIALECT,
        "$id": f"{BASE}referral-form.schema.json",
        **schema,
        "title": "Referral form",
        "required": ["authority"],
    }


def code_sets() -> Schema:
    """Every code set, with what the statutory returns call each code."""
    return {
        "concerns": {
            one.code: {"title": one.title, "census_factors": list(one.factors)}
            for one in codes.CONCERN_TYPES.values()
        },
        "agencies": {
            one.code: {
                "title": one.title,
                "group": one.group,
                "census_source": one.source,
                "lawful_basis": one.basis,
            }
            for one in codes.AGENCY_TYPES.values()
        },
        "lawful_bases": {
            one.code: {"title": one.title, "articles": list(one.articles)}
            for one in codes.LAWFUL_BASES.values()
        },
        "census_factors": {code: {"title": title} for code, title in codes.FACTORS.items()},
        **{
            name: {one.code: {"title": one.title} for one in table.values()}
            for name, table in (
                ("requests", codes.REQUESTS),
                ("reasons_not_informed", codes.REASONS_NOT_INFORMED),
                ("agreement_statuses", codes.AGREEMENT_STATUSES),
                ("agreed_by", codes.AGREED_BY),
                ("agreement_scopes", codes.AGREEMENT_SCOPES),
                ("answers", codes.ANSWERS),
                ("no_values", codes.NO_VALUES),
                ("information_sources", codes.INFORMATION_SOURCES),
                ("risks_to_workers", codes.RISKS_TO_WORKERS),
                ("lowered_because", codes.LOWERED_BECAUSE),
                ("discarded_because", codes.DISCARDED_BECAUSE),
                ("restricted_because", codes.RESTRICTED_BECAUSE),
                ("glass_broken_because", codes.GLASS_BROKEN_BECAUSE),
                ("told_how", codes.TOLD_HOW),
                ("not_told_because", codes.NOT_TOLD_BECAUSE),
                ("requesters", codes.REQUESTERS),
                ("considered", codes.CONSIDERED),
                ("held_because", codes.HELD_BECAUSE),
                ("destroyed_because", codes.DESTROYED_BECAUSE),
                ("legal_statuses", codes.LEGAL_STATUSES),
                ("sexes", codes.SEXES),
                ("ethnicities", codes.ETHNICITIES),
                ("disabilities", codes.DISABILITIES),
                ("relationships", codes.RELATIONSHIPS),
                ("unknown_upn", codes.UNKNOWN_UPN),
                ("news", codes.NEWS),
            )
        },
    }


def _untitled(schema: Any, *, names: bool = False) -> Any:
    """`schema` without the titles that pydantic makes from names: they say nothing new.

    `names`: the keys here are names of fields, one of which may be `title`.
    """
    if isinstance(schema, dict):
        return {
            key: _untitled(value, names=not names and key in {"properties", "$defs"})
            for key, value in schema.items()
            if names or key != "title" or not isinstance(value, str)
        }
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
    return schema
