"""Local services in words that a referrer and a family can use (practice rule 24). Pure."""

from collections.abc import Mapping
from typing import Any, Final

OWNER: Final = "The family, with whoever referred"
"""Whose action it is to get in touch with one."""

MOST: Final = 480
"""Characters of an action."""


def named(service: Mapping[str, Any]) -> str:
    """`Talking Place (Mock Trust), for ages 8 to 17, in Invented ward`."""
    whose = f" ({service['organisation']})" if service["organisation"] else ""
    area = f", in {service['area']}" if service.get("area") else ""
    return f"{service['name']}{whose}{_ages(service)}{area}"


def in_words(service: Mapping[str, Any]) -> str:
    """`Get in touch with Talking Place (Mock Trust), for ages 8 to 17, in Invented ward. Telephone
    01632 960333.`"""
    said = [f"Get in touch with {named(service)}."]
    if service["how_to_join"]:
        said.append(service["how_to_join"])
    ways = (("Telephone", "telephone"), ("Email", "email"), ("See", "url"))
    reached = next((f"{word} {service[name]}." for word, name in ways if service[name]), None)
    room = MOST - len(" ".join(said)) - len(reached or "") - 1
    if room < 0:
        said[-1] = said[-1][: room - 1] + "…"
    return " ".join(filter(None, (*said, reached)))


def _ages(service: Mapping[str, Any]) -> str:
    youngest, oldest = service["minimum_age"], service["maximum_age"]
    if youngest is not None and oldest is not None:
        return f", for ages {youngest} to {oldest}"
    if youngest is not None:
        return f", from age {youngest}"
    return f", up to age {oldest}" if oldest is not None else ""
