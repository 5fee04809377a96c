"""Preparation of a data set: annotated songs become splits, training chunks, manifests and a report.

`prepare` runs it all; `song` prepares one song with `chunks`, `split` divides the songs, `journal` keeps finished songs
so that an interrupted run can continue, `report` and `plots` show the result. Settings are in `settings`. Imports from
`dataset.sources` and the modules beside this folder. A new rule for words or songs is a reason in `chunks` or `song`.
"""
