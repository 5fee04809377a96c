"""Packages: a folder or an archive with everything for singing a song, named as the games want it.

`make.make_package` writes one; its parts are functions in `make.PARTS`. `cover` finds the picture in the tags,
`sheet` draws the lyrics as PDF.
"""
