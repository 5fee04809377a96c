"""The best path of lyrics through a song: a CTC trellis with skip states, searched by Viterbi in both directions.

`trellis` builds the states and their scores, `forward_backward` runs through them, `search` gives each word its frames
and its confidence. Only the modules of `alignment` import from here; it imports its tokens and settings from there.
"""
