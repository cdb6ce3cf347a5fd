"""`python -m frontdoor`."""

from frontdoor.commandline import main

main()
