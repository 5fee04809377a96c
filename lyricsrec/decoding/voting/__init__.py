"""Voting: one text from several recognised ones.

`vote` counts votes on every word; `repeats` finds the votes of other places of a song where the same is sung.
"""
