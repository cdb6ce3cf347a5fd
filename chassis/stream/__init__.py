"""The event stream: how a service appends, reads and answers events.

Every change appends its events in the transaction that makes it. Every consumer reads the one
stream in batches and answers a batch in one transaction (kernel.py). The stream itself stands
behind a port (port.py): PostgreSQL's log on a single machine, Kafka in the distributed edition.
"""
