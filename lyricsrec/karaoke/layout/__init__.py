"""What karaoke shows, where and when, without drawing: `lines` makes lines that fit, `show` places them in time.

Videos, CD+G and ASS share it. Imports from `lyrics`, and from `formats` how words are joined.
"""
