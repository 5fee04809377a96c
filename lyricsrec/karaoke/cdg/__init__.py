"""CD+G: lyrics for karaoke players, as a stream of small packets that draw tiles of 6 by 12 pixels in 16 colours.

`make` writes .cdg with .mp3, or both in a .zip (MP3+G). `packets` has the instructions, `screen` turns pictures into
packets, `show` says what is drawn when.
"""
