"""Sources of annotated songs: DALI, UltraStar folders, JamendoLyrics.

`base` has the protocol `Source`, `registry` the sources by name (`open_source`). Imports from formats, audio and
`dataset.audio_files`. Another source is one file with a class that satisfies `Source`, and one line in
`registry`; `cli.data.import_songs` gives it a command.
"""
