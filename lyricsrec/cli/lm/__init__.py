"""Commands for language models: `lm build` and `lm tune`.

A new command is a module with a function and its EXAMPLES here, and a line in `lyricsrec.cli`.
"""
