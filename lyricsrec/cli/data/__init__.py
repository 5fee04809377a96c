"""Commands for data sets: `dali-prepare` (`prepare`), `import` (`import_songs`) and `dataset show`; `rules` is shared.

Another kind of annotated songs is a function in `import_songs` and a line in `lyricsrec.cli`.
"""
