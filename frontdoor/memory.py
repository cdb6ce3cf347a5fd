"""How a process treats memory."""

import gc

YOUNG = 20_000
MIDDLE = 20
OLD = 50


def look_seldom() -> None:
    """The collector looks less often at what is new: a start, and each batch, makes tens of
    thousands of objects, nearly none of them in a cycle. Looking after every 700 took a seventh of
    a start, and a sixth of a busy consumer's time."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def settle() -> None:
    """Call once everything is loaded. What is there now stays: the collector need not look at
    packs and modules again and again, which took a third of the time of a busy consumer."""
    gc.collect()
    gc.freeze()
