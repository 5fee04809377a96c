"""Commands for training: `train` and `finetune`, their `flags`, and `watch`, which shows a run.

A flag for one more setting is a field in `flags` that names the setting.
"""
