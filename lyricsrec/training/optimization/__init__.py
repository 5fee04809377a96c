"""How weights are updated: optimizers, learning rates, clipping, averaged weights, and patience.

May import `training.settings`, `training.model`, `training.log` and rooms below training. An optimizer is a line of
`optimizers.OPTIMIZERS`, a schedule one of `schedules.SCHEDULES`; their names are in `settings.optimizer`.
"""
