"""Metrics: pure functions from texts, times and audio to the figures of `scoring.results`.

Import the function you need from its module; they use jiwer (words), alt-eval (formatting), mir_eval (timing),
torchmetrics (separation) and SciPy (bootstrap).
"""
