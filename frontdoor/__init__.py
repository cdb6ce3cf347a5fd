"""The command line and the single-machine edition."""

from frontdoor import memory

memory.look_seldom()
