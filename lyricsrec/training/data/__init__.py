"""Training data: examples read from manifests, their labels, augmentation, and batches for each process.

May import `training.settings` and rooms below training. A new augmentation is a function in `augment` or `effects`,
called from `Augmentation`, with its settings in `AugmentConfig`.
"""
