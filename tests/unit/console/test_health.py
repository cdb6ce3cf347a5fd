"""What the page of health says of look-ups."""

from services.console.health import state

WELL = {"lag_events": 0, "lag_seconds": 0.0, "parked_referrals": 0, "unsealed_entries": 0}


def test_a_look_up_that_waits_too_long_is_said() -> None:
    waits = {"look_ups_waiting": 1_204, "oldest_look_up_seconds": 299.0, "look_ups_given_up": 0}
    well = state("intake", {**WELL, **waits})
    assert well.troubles == ()
    assert ("Referrals to look up", "1,204") in well.figures
    ill = state("intake", {**WELL, **waits, "oldest_look_up_seconds": 600, "look_ups_given_up": 2})
    assert ill.troubles == (
        "The people of a new referral have waited to be looked up for 10m.",
        "The people of 2 referrals could not be looked up: ask by hand who they are.",
    )
