"""Commands for songs: `transcribe`, `align` (with `verify` for `--verify`) and `plot`.

A new command is a module with a function and its EXAMPLES here, and a line in `lyricsrec.cli`.
"""
