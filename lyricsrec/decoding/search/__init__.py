"""The searches, a file each: greedy, over letters, over the words of a language model, and by prefixes.

`frames` holds what the two compiled searches share. Other rooms get a decoder from `decoding.registry`.
"""
