"""Which ward a postcode lies in, by the national postcode directory."""
