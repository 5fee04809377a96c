"""What a server finds in a finished song on request, as jobs of the queue: its melody, its chords."""
