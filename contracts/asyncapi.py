"""The AsyncAPI document: one channel, a message for each event type, what each owner says."""

from collections.abc import Collection
from typing import Any, Final

from contracts.registry import EventType
from contracts.schemas import about

CHANNEL: Final = "frontdoor.events"
VERSION: Final = "3.1.0"
# Structured mode: the whole event is the value (CloudEvents, Kafka protocol binding).
CONTENT_TYPE: Final = "application/cloudevents+json"

_CHANNEL_ID: Final = "events"


def asyncapi(events: Collection[EventType]) -> dict[str, Any]:
    """The document as a tree. Payloads are references to the schema files beside it."""
    owners = sorted({event.owner for event in events})
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Frontdoor events",
            "version": "1",
            "description": (
                "What the services say to each other, as CloudEvents 1.0 in structured JSON mode."
                " One topic holds them all, keyed by the referral, so that a cause is never met"
                " after its effect. No event holds a name, an address, a date of birth, an"
                " identifier, an email address or a story. A consumer skips types that it does"
                " not know, and fields that it does not know."
            ),
            "license": {"name": "MIT"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            _CHANNEL_ID: {
                "address": CHANNEL,
                "description": "All that happened, in order for each referral. Kept for ever.",
                "messages": {
                    event.name: {"$ref": f"#/components/messages/{event.name}"} for event in events
                },
                "bindings": {"kafka": {"topic": CHANNEL, "bindingVersion": "0.5.0"}},
            }
        },
        "operations": {
            f"{owner}.says": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_CHANNEL_ID}"},
                "summary": f"What {owner} says.",
                "messages": [
                    {"$ref": f"#/channels/{_CHANNEL_ID}/messages/{event.name}"}
                    for event in events
                    if event.owner == owner
                ],
            }
            for owner in owners
        },
        "components": {
            "messages": {event.name: _message(event) for event in events},
            "schemas": {
                "referralId": {
                    "type": "string",
                    "format": "uuid",
                    "description": "The referral's id: `subject` and `partitionkey` of the event.",
                },
                "headers": {
                    "type": "object",
                    "properties": {
                        "content-type": {"type": "string", "description": CONTENT_TYPE},
                        "traceparent": {
                            "type": "string",
                            "description": "W3C trace context, as in the event.",
                        },
                    },
                },
            },
        },
    }


def _message(event: EventType) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.name,
        "summary": about(event),
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"$ref": f"./schemas/{event.name}.json"},
        "tags": [{"name": event.owner}],
        "x-owner": event.owner,
        "bindings": {
            "kafka": {"key": {"$ref": "#/components/schemas/referralId"}, "bindingVersion": "0.5.0"}
        },
    }
