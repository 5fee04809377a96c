"""Training a separator and a recogniser end to end, on one device or many, resumable at any step.

`run.train` is the entrance: it reads top-down into `engine` (fit), `validate` and the rooms `data` (examples and
batches), `model` (what is trained), `state` (checkpoints) and `log` (metrics, curves, hypotheses). It may import the
data sets' manifests and everything below them; only `cli` imports it. A new setting is a field in `settings`, which
TOML files, `--set` and the saved `config.toml` then know.
"""
