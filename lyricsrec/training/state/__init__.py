"""The state of a run: weights, optimizer, schedule, random generators and position, and its checkpoints on disk.

May import `training.model` and `training.log`. Whatever else a resumed run needs becomes a field of `TrainingState`,
written and read in `checkpoint`.
"""
