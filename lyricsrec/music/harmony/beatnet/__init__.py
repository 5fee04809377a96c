"""Beats by a checkpoint of Beat This!, which the user has."""
