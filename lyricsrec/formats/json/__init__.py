"""Transcripts in JSON: lyricsrec's own, and those of recognisers, aligners and lyrics databases.

Each file reads what one program, or one family of programs, writes; `registry` (one room up) lists their formats.
A reader takes values through `formats.json_value`, whose errors name the place in the document.
"""
