"""Everything that a process of ours loads, and what it makes ready of the packs: whoever is forked from
one that imported this has it."""

import frontdoor.commandline
import frontdoor.commands.accounts
import frontdoor.commands.operating
import frontdoor.commands.single
import frontdoor.distributed.kafka
import frontdoor.distributed.serving
import frontdoor.serving
from bench import trial
from chassis.clock import system_clock
from frontdoor.catalogue import SERVICES, builder
from policy.loading import load_packs
from policy.readiness import make_ready

__all__ = ["frontdoor", "trial"]

for name in SERVICES:
    builder(name)
make_ready(load_packs(), system_clock())
