"""Recognisers: pieces of audio in, log-probabilities or words out.

`registry` lists the families, detects the family of a folder and loads a model; `base` is the interface, `settings` the
settings. `acoustic` is the differentiable path from mix to log-probabilities that the pipeline and training share.
Imports from `decoding` (emissions), `separation`, `models`, `audio` and `base`. To add a family, write a file with its
loader and add one entry to `registry.FAMILIES`; to train it, also one to `training.model.learner.LOADERS`.
"""
