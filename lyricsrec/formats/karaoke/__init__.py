"""Formats of karaoke players and editors: LRC, ASS, UltraStar. Each is one file and one row in `formats.registry`."""
