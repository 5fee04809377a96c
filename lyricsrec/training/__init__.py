"""Training a separator and a recogniser end to end, on one device or many, resumable at any step.

`run.train` is the entry point; `engine` has the training loop and `validate` the validation. `data` holds examples and
batches, `model` what is trained, `optimization` how weights are updated, `state` checkpoints, `log` metrics, curves and
hypotheses. Imports from `dataset` and the rooms below; only `cli` imports from here. A new setting is a field in
`settings`, which TOML files, `--set` and the saved `config.toml` then know.
"""
