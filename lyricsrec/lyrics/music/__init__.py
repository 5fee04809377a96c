"""Values of the music around the words, which a transcript can carry: notes, harmony, sections."""
