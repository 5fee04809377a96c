"""Estimating an n-gram language model: texts, counts, Kneser-Ney probabilities, and the ARPA file.

`build.build` is the entry point; it uses KenLM's lmplz where it is installed. A new kind of text is a
branch in `texts`.
"""
