"""Sweeps: many training runs with other settings, each a child process, chosen and pruned by Optuna.

`settings` reads the sweep file, `space` has the parameters, `study` what Optuna keeps, `trial` a child process,
`scheduler` runs the trials, `results` sums them up. Only `study` and `results` import optuna, when they run. One more
sampler or pruner is a line of `SAMPLERS` or `PRUNERS` in `study`, and its name in `settings`.
"""
