"""The searches, a file each: greedy, over letters, over the words of a language model, and by prefixes.

`frames` holds what the two compiled searches share. Other rooms get a decoder from `decoding.registry`. To add a
search, write a file with a `Decoder` (`decoding.hypothesis`) and add one entry to `registry.SEARCHES`.
"""
