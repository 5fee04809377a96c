"""Records of a run: the metrics file, its curves as a picture, and a page of validation hypotheses.

Imports nothing else of training. A new figure is a field of `StepMetrics` or `ValidationMetrics`; a new record is a
module here that `Recorder` calls.
"""
