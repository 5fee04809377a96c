"""Plots of a song with its timed words: pictures (PNG, SVG, PDF) and HTML pages that play the song.

`draw.plot` makes both from a song and the lines that `transcripts.read_timed_lines` reads; `settings` has its options.
`layout` places words without drawing, `backdrop` turns the audio into an image, `picture` and `page` draw. One more
backdrop is one painter in `backdrop.PAINTERS` and one name in `settings.Background`.
"""
