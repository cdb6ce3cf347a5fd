"""A bundle as a ZIP file: the same as JSON for machines and as a page to read and print. Pure."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment
from pydantic_core import to_json

from services.intake.access.words import ABOUT, plain, title, value_at, where

_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters |= {
    "plain": plain, "where": where, "title": title, "about": ABOUT.__getitem__,
}  # fmt: skip
_ENVIRONMENT.globals["value_at"] = value_at
PAGE = _ENVIRONMENT.from_string(
    """{% macro said(value) %}
{% if value is mapping %}<dl>{% for name, one in value.items() if name != "html" and one not in (none, "", [], {}) %}
<dt>{{ name | title }}</dt><dd>{{ said(one) }}</dd>{% endfor %}</dl>
{% elif value is sequence and value is not string %}
<ul>{% for one in value %}<li>{{ said(one) }}</li>{% endfor %}</ul>
{% else %}<mark>{{ value | plain }}</mark>{% endif %}
{% endmacro %}
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>What is held about a person</title>
<style>body{font-family:sans-serif;overflow-wrap:anywhere;max-width:60em;margin:2em auto;line-height:1.5}
mark{background:#ffd9b3;white-space:pre-wrap}dl{margin:0 0 1em;border-left:3px solid #b1b4b6;padding-left:.8em}
dt{font-weight:bold}dd{margin:0 0 .3em 1em}dd dl{margin:.2em 0}td,th{text-align:left;vertical-align:top;padding:.2em .6em}</style>
<h1>What is held about a person</h1>
<p><strong>To be read by a person before any of it is passed on.</strong> What is marked is about
somebody else, about who referred, or may be. Decide for each what goes.</p>
{% for referral in referrals %}
<h2>Referral {{ referral.reference }}, received {{ referral.received_at | plain }}</h2>
<table><tr><th>Where</th><th>About</th><th>What it says</th></tr>
{% for line in referral.lines %}
<tr><td>{{ line.pointer | where }}</td><td>{{ line.about | about }}</td>
<td>{% if line.redact %}<mark>{{ value_at(line.pointer, line.value) }}</mark>{% else %}{{ value_at(line.pointer, line.value) }}{% endif %}</td></tr>
{% endfor %}</table>
{% for part, title in parts.items() %}{% if referral[part] %}
<h3>{{ title }}</h3>
{% for one in referral[part] %}{{ said(one) }}{% endfor %}{% endif %}{% endfor %}
<h3>Who read it, and what was done</h3>
<table>{% for one in referral.audit %}<tr><td>{{ one.at | plain }}</td><td>{{ one.service | title }}</td>
<td>{{ one.action | title }}</td></tr>{% endfor %}</table>
{% endfor %}
{% if elsewhere.children %}<h2>What other systems of the authority hold, asked {{ elsewhere.as_of | plain }}</h2>
{% for one in elsewhere.children %}{{ said(one) }}{% endfor %}{% endif %}
</html>
"""
)

PARTS = {
    "advice": "Advice that was asked before",
    "later": "Said later",
    "files": "Files",
    "decisions": "Decisions",
    "discussions": "Discussions",
    "milestones": "What was reached",
    "written": "Written since",
    "messages": "Messages",
}

NOTICE = (
    "Read README first. Nothing here has been redacted. Values marked `redact` are about third "
    "parties, about the referrer, or may be: a person decides about each before it is passed on.\n"
)


def zipped(content: Mapping[str, Any], files: Sequence[tuple[str, bytes]]) -> bytes:
    """The bundle's file. `content` has `elsewhere`, and `referrals`, each with lines, audit and what
    PARTS names. `files` are those that were sent, by their places."""
    plain = to_json(content, indent=2)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", NOTICE)
        file.writestr("bundle.json", plain)
        file.writestr("bundle.html", PAGE.render(content, parts=PARTS))
        for place, sent in files:
            # Pictures and documents are compressed already.
            file.writestr(place, sent, zipfile.ZIP_STORED)
    return held.getvalue()
