"""Formats of karaoke players and editors: LRC, ASS and UltraStar.

Each is a file with a `Format` (`formats.base`) that `formats.registry` lists; so is a new one. Imports from
`formats.base`, `formats.text`, `lyrics` and `base`.
"""
