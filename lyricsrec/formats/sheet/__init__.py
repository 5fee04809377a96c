"""Sheets of plain lyrics, as people and sites write them: which rows are sung, and how often.

`sheet.read_sheet` reads one; `headings` knows the names of the parts of a song, `chords` rows of chords and tablature,
and `site_remarks` is the one list of what sites and song books add to lyrics. `text_format` is the format `txt`;
`row_text` serves formats with times, too. A new remark is one row in `site_remarks.REMARKS`, a new name of a part one
word in `headings.PARTS`.
"""
