"""Tempo, beats, key and chords from the whole mix."""
