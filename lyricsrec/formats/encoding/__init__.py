"""The encoding of texts from users: lyrics and karaoke files of many countries and decades.

`text_encoding` decodes bytes and encodes corrected text again; `alphabets` says which decoding looks like a language. A
new language is one row in `alphabets.ALPHABETS`. Imports nothing of the project.
"""
