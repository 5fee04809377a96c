"""Stages that work on lyrics which a person corrected."""
