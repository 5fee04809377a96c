"""Songs for a data set of others: gathered and checked from a folder, written as DALI, UltraStar and JamendoLyrics.

`read_songs` reads a folder by its table, `write_contribution` writes all formats and a report of what is missing.
"""
