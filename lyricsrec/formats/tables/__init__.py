"""Tables of words or lines with their times: CSV and TSV, lyricsrec's own and those of Whisper and others."""
