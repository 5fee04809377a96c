"""Lyrics in markup: ChordPro, which is read without its chords, and other markup, which is refused by name."""
