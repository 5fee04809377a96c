"""Commands for scores: `score` and `score compare`; `report` writes and judges what they find.

A new command is a module with a function and its EXAMPLES here, and a line in `lyricsrec.cli`.
"""
