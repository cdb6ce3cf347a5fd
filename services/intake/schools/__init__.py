"""The national register of schools, as organisations that may refer or be asked."""
