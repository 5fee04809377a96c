"""Karaoke files that a server makes of finished songs, as jobs of the queue: what is asked for, and what is kept."""
