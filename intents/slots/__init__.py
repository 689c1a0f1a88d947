"""Readers: each finds one kind of thing in normalised text and says what it is worth and where it stands."""
