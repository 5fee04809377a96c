"""Lyrics as values and text: transcripts, lines, annotations, text normalisation, languages, word error rate.

Nothing here knows models, audio or files; every other room may import any of it, and it imports only from `base`. A new
text profile is one row in `normalise.PROFILES`, a new alphabet one in `languages.ALPHABETS`.
"""
