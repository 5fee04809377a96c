"""Scoring: how right the words are, how right their times, how clean the voice, and whether a difference is one."""
