"""File formats of lyrics. `registry` lists them, `read` reads any of them and writes corrected times back.

One format is one file with a `Format` (`base`): how to recognise, parse, write and retime it. To add one, write its
file and add one row to `registry`. Imports from `lyrics` and `base`; other rooms import `registry` and `read`,
and single formats where they need more of them (`dali`, `karaoke.ultrastar`, `labels`).
"""
