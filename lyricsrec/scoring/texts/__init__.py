"""Texts to score: references and hypotheses from files, folders, manifests and data sets.

`matching.find_texts` reads a path, `manifests.find_split` a split of a data set, and `matching.match` pairs hypotheses
with references by name. A format of lyrics is added in `formats`, not here.
"""
