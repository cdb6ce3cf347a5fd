"""Our own services with batches of one: `python -m bench.plain up …` is `frontdoor up` where every
event, command and question has a transaction of its own. What batching is worth, and no product."""

from chassis import gathering
from chassis.stream import consumer
from chassis.stream.kernel import commands
from frontdoor.commandline import main


def unbatched() -> None:
    """Make every batch one. Raises AttributeError where the sizes are no longer called so."""
    for module, name in ((consumer, "BATCH"), (commands, "GROUP"), (gathering, "MOST")):
        getattr(module, name)
        setattr(module, name, 1)


if __name__ == "__main__":
    unbatched()
    main()
