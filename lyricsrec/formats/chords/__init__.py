"""Lyrics with chords: the formats that show them."""
