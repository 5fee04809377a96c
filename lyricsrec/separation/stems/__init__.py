"""Stems as files: separating a song of any length without audible seams, writing the stems, and leaving out empty ones.

`files` writes and names them, `seamless` separates block by block, `levels` says which stems are worth keeping.
"""
