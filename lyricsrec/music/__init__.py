"""Music around the words: melody and notes, tempo, key and chords, sections and what a song is about.

Its values (notes, chords, sections) are in `lyrics.music`, and formats write them. Imports from base, lyrics, models,
audio, separation and formats; `pipeline` calls it.
"""
