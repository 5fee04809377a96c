"""How karaoke looks: the settings of a style in TOML, and the styles that are included.

`load_style` reads one by its name or from a file; one more that is included is one TOML file here. `fonts` finds fonts
and checks that they have the characters of a song.
"""
