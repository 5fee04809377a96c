"""Scoring: error rates, timing, separation and speed of systems against references, with confidence intervals.

`score.score` runs it all and returns a `results.Report`; `compare` compares systems, `report.report_file` reads and
writes reports. The metrics are in `metrics/`, the texts come from `texts/`, and `report/` shows the results.

One more metric: a function in `metrics/`, a field of a class in `results`, a line in `pooling.score_system`, and a
`Column` in `report.columns`.
"""
