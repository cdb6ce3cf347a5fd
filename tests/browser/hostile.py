"""Answers of the other services in which somebody put scripts wherever words go."""

from typing import Any

SCRIPT = "\"'><script>window.struck = 1</script><img src=x onerror='window.struck = 1'>"


def struck(told: Any) -> Any:
    """`told`, with a script behind every text of more than one word: codes, times and ids are
    written by the house alone."""
    if isinstance(told, dict):
        return {name: struck(value) for name, value in told.items()}
    if isinstance(told, list):
        return [struck(value) for value in told]
    return told + SCRIPT if isinstance(told, str) and " " in told else told
