"""A summary of a song's lyrics: hook, representative lines, key words, themes, form, length and explicit words.

`summarize` makes one, `report` writes it as text, Markdown or JSON, and `generated` has a model write a paragraph.
"""
