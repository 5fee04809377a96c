"""Forced alignment: the times of known lyrics in a song, and whether given times fit the sound.

`align.align` times lyrics over a CTC emission, `word_times` gives a recogniser's own words better times, `verify` and
`verify_report` compare given times with aligned ones. Settings are in `settings`; the search itself is in `path`.
Imports from base, lyrics, audio, decoding, recognition and formats. Another way of timing a recogniser's words is a
class with the methods of `word_times.Timer`, chosen in `pipeline.load`.
"""
