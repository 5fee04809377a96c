"""DALI, a data set of songs with timed lyrics: entries read, validated, corrected and written.

Other rooms import `entry` (reading, ground truth) and `export` (writing); `format` is what `formats.registry` lists. A
new form of file goes into `entry.read_entry`. Imports from `formats.base`, `lyrics` and `base`.
"""
