"""How a serving process treats memory."""

import gc

YOUNG = 20_000
MIDDLE = 20
OLD = 50


def settle() -> None:
    """Call once everything is loaded. What is there now stays: the collector need not look at
    packs and modules again and again, which took a third of the time of a busy consumer. And it
    looks less often at what is new: a batch makes tens of thousands of objects, nearly none of
    them in a cycle, and looking after every 700 took a sixth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
