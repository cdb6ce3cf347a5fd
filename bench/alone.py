"""Intake with the house around it standing still: `python -m bench.alone up …` is `frontdoor up`
where only intake's own loops run."""

from chassis.running import loops_of
from frontdoor import serving
from frontdoor.commandline import main
from frontdoor.house import House


class IntakeAlone(House):
    """The house, of which intake alone is awake. Its consumer waits for events that nobody makes."""

    def start(self) -> None:
        self._loops.start(loops_of(self.running["intake"]))


if __name__ == "__main__":
    # The command serves whatever is called so.
    vars(serving)["House"] = IntakeAlone
    main()
