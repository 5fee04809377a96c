"""Learning: separator and recogniser end to end, on one device or many, resumable at any step."""
