"""Telling the school and the family: who was told, when and how, or why they are not."""
