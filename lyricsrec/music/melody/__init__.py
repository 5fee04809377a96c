"""The melody: the pitch of the voice over time, and the notes of the syllables that are sung."""
