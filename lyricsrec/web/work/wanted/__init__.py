"""What a worker makes of a job whose lyrics exist, on request: follow-ups and karaoke files."""
