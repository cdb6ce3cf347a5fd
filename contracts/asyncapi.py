"""The AsyncAPI document: one channel, a message for each event type, what each owner says."""

from collections.abc import Collection
from typing import Any, Final

from contracts.registry import EventType
from contracts.schemas import about

CHANNEL: Final = "frontdoor.events"
VERSION: Final = "3.1.0"
# Structured mode: the whole event is the value (CloudEvents, Kafka protocol binding).
CONTENT_TYPE: Final = "application/cloudevents+json"

BINDING: Final = "0.5.0"

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
                "description": (
                    "All that happened, in order for each referral. Kept for ever. A record may be"
                    " repeated: drop what has a `sequence` that was seen of its `source` and"
                    " `subject`. The default address; a deployment may choose another."
                ),
                "messages": {
                    event.name: {"$ref": f"#/components/messages/{event.name}"} for event in events
                },
                "bindings": {
                    "kafka": {
                        "topic": CHANNEL,
                        "topicConfiguration": {
                            "cleanup.policy": ["delete"],
                            "retention.ms": -1,
                            "retention.bytes": -1,
                            "max.message.bytes": 2_097_152,
                        },
                        "bindingVersion": BINDING,
                    }
                },
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
                    "description": (
                        "The record's key: the referral's id as text, lower case with hyphens, which"
                        " is `subject` and `partitionkey` of the event. All events of a referral are"
                        " in one partition, the one that Kafka's own clients choose for the key."
                    ),
                },
                "headers": _headers(),
            },
        },
    }


def _headers() -> dict[str, Any]:
    """What stands beside the event, for those who need not read it."""
    return {
        "type": "object",
        "required": ["content-type", "ce_type", "ce_authority"],
        "properties": {
            "content-type": {"type": "string", "const": CONTENT_TYPE},
            "ce_type": {
                "type": "string",
                "description": "The event's `type`. Skip by it what you don't answer.",
            },
            "ce_authority": {"type": "string", "description": "The event's `authority`."},
            "traceparent": {
                "type": "string",
                "description": "W3C trace context, as in the event, where it has one.",
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
            "kafka": {
                "key": {"$ref": "#/components/schemas/referralId"},
                "bindingVersion": BINDING,
            }
        },
    }
