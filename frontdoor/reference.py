"""Every call that a partner's system can make, as data for the page that shows them: made from the
services' OpenAPI documents."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from chassis.identity.dependencies import Check

Document = Mapping[str, Any]

# In the order of the guide; what is not named comes after.
GROUPS: Final = {
    "tokens": "Tokens",
    "referrals": "Referrals",
    "drafts": "Drafts",
    "attachments": "Files",
    "consultations": "Advice without names",
    "information": "What the hub asks you",
    "disagreements": "Disagreements",
    "call-backs": "Call-backs",
    "changes": "What changed",
}
MOST_CODES: Final = 40
DEEPEST: Final = 2
_FORMATS: Final = {
    "date": "day, as 2026-03-05",
    "date-time": "time, as 2026-03-05T09:30:00Z",
    "uuid": "id (UUID)",
    "uri": "address (URL)",
    "binary": "the file itself",
}
_PLAIN: Final = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}


def scopes(routers: tuple[APIRouter, ...]) -> dict[tuple[str, str], str]:
    """What a partner's client needs for each operation that lets one in."""
    found: dict[tuple[str, str], str] = {}
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for scope in _needed(route.dependant):
                    methods = route.methods or ()
                    found |= {(method.lower(), route.path): scope for method in methods}
    return found


def groups(documents: Mapping[str, Document]) -> list[dict[str, Any]]:
    """The calls of partners' systems, by what they are about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for document in documents.values():
        schemas = document.get("components", {}).get("schemas", {})
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                needed = operation.get("security", [{}])[0].get("token", ())
                tag = next(iter(operation.get("tags", ())), "other")
                if needed or tag == "tokens":
                    call = _call(method, path, operation, schemas)
                    found.setdefault(tag, []).append({**call, "scope": next(iter(needed), None)})
    order = list(GROUPS)
    return [
        {"code": tag, "title": GROUPS.get(tag, tag.replace("-", " ").capitalize()), "calls": calls}
        for tag, calls in sorted(
            found.items(),
            key=lambda one: (order.index(one[0]) if one[0] in order else len(order), one[0]),
        )
    ]


def _needed(dependant: Dependant) -> Iterator[str]:
    for one in dependant.dependencies:
        if isinstance(one.call, Check) and one.call.scope:
            yield one.call.scope
        yield from _needed(one)


def _call(method: str, path: str, operation: Document, schemas: Document) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "says": " ".join((operation.get("description") or operation.get("summary", "")).split()),
        "deprecated": operation.get("deprecated", False),
        "parameters": [
            {
                "name": one["name"],
                "where": one["in"],
                "required": one.get("required", False),
                "type": _type(one["schema"], schemas),
            }
            for one in operation.get("parameters", ())
        ],
        "body": [
            {"media_type": media_type, "fields": list(_fields(content.get("schema", {}), schemas))}
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
        ],
        "answers": [
            {
                "status": status,
                "fields": [
                    field
                    for content in answer.get("content", {}).values()
                    for field in _fields(content.get("schema", {}), schemas)
                ],
            }
            for status, answer in operation["responses"].items()
            if status.startswith(("2", "3"))
        ],
    }


def _fields(
    schema: Document, schemas: Document, place: str = "", depth: int = 0
) -> Iterator[dict[str, Any]]:
    """The fields of an object, and of the objects in it, each by its way there."""
    known = _resolved(schema, schemas)
    required = set(known.get("required", ()))
    for name, part in known.get("properties", {}).items():
        way = f"{place}{name}"
        yield {
            "name": way,
            "required": name in required,
            "type": _type(part, schemas),
            "says": " ".join(str(_resolved(part, schemas).get("description", "")).split())
            if depth == 0
            else "",
        }
        inner, many = _inner(part, schemas)
        if depth < DEEPEST - 1:
            yield from _fields(inner, schemas, f"{way}{'[]' if many else ''}.", depth + 1)


def _inner(schema: Document, schemas: Document) -> tuple[Document, bool]:
    """The object that a field holds, and whether it holds several."""
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    known = _resolved(options[0] if len(options) == 1 else schema, schemas)
    if known.get("type") == "array":
        return _resolved(known.get("items", {}), schemas), True
    return known, False


def _resolved(schema: Document, schemas: Document) -> Document:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    return _resolved(schemas[reference.rpartition("/")[2]], schemas)


def _type(schema: Document, schemas: Document) -> str:
    """What may stand there, in words."""
    known = _resolved(schema, schemas)
    if options := known.get("anyOf") or known.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(one, schemas) for one in options))
    if "const" in known:
        return str(known["const"])
    if codes := known.get("enum"):
        shown = ", ".join(map(str, codes[:MOST_CODES]))
        return f"one of: {shown}{' and more' if len(codes) > MOST_CODES else ''}"
    kind = known.get("type")
    if kind == "array":
        return f"list: {_type(known.get('items', {}), schemas)}"
    if kind == "string":
        longest = known.get("maxLength")
        plain = f"text, at most {longest} characters" if longest else "text"
        return _FORMATS.get(known.get("format", ""), plain)
    return _PLAIN.get(str(kind), "anything")
