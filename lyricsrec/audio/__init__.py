"""Audio: the value that flows through the pipeline, reading songs from files, and cutting them into pieces.

`audio` holds the value, `media` opens songs of any length in blocks, `sound_files` decodes them, `inputs` finds the
songs that a user names, `segment` cuts at quiet places, `overlap_add` processes long signals in windows. Imports from
`base`. One more decoder of files is one class beside those in `sound_files`.
"""
