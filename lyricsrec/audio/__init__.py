"""Audio: the value that flows through the pipeline, reading songs from files, and cutting them into pieces.

`audio` holds the value, `media` opens songs of any length in blocks, `files` decodes them, `inputs` finds the songs
that a user names, `segment` cuts at quiet places, `overlap_add` processes long signals in windows. Imports from `base`
and `lyrics`. One more way to tell that a file of some format is cut short is a function and a row in `files/promise`.
"""
