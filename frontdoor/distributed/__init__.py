"""The distributed edition: each service in a process of its own, with a database of its own."""
