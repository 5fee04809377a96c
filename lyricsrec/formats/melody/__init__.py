"""Files of a melody: what the voice sings at which pitch, as MIDI, MusicXML and a table of its pitch."""
