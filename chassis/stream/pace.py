"""How long to let work gather: one piece costs hardly less than many at once."""

SHORTEST_SECONDS = 0.02
TIMES = 4
LONGEST_SECONDS = 0.25
HURRIED_SECONDS = 0.03


def gather_seconds(took: float, *, hurried: bool = False) -> float:
    """For how many seconds to wait for more after what took so many, which says how busy the house
    is. `hurried`: somebody waits for it."""
    if hurried:
        return min(max(took, SHORTEST_SECONDS), HURRIED_SECONDS)
    return min(max(TIMES * took, SHORTEST_SECONDS), LONGEST_SECONDS)
