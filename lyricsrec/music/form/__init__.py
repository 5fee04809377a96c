"""The form of a song: its sections by repeated lines and pauses, and a summary of its lyrics.

`find_sections` and `with_sections` are for the pipeline and the commands; `summarize` and its reports for the commands.
One more clue for section boundaries is a function and a row of `CLUES` in `clues.py`, fitted by `recipes/sections`.
"""
