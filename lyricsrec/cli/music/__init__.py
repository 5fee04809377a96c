"""Commands for the music around the words: melody, chords, sections, summary."""
