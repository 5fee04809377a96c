"""Finding the weights with which a language model lowers the word error rate most.

`tune.tune` is the entry point: `emissions` caches the recogniser's log-probabilities, `evaluate` decodes them in worker
processes, `grid_search` chooses the weights, `plots` draws the error surface.
"""
