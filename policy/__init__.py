"""What the partnership decides: packs as data, and pure functions on them."""
