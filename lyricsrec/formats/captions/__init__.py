"""Captions of television, video sites and music services: TTML and SBV.

Each format is one file; `registry` (one room up) lists them.
"""
