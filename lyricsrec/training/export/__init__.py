"""A trained model for others: its weights in another format, and a card that says what it is.

One more format is one file and one row in `registry.FORMATS`. `files` says which files of a folder belong to a model,
`card` writes README.md, `private` leaves this machine's folders out of what is given away.
"""
