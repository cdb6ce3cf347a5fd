"""How alike people and rules decide: figures with written definitions, and a blind audit sample."""
