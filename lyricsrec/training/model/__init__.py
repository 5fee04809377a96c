"""The model in training: loading and saving it, its losses, parts and freezing, optimizer, and the vocal guard.

May import `training.data`, `training.settings` and the recognition and separation rooms. A model family that can be
trained is a loader in `learner.LOADERS`.
"""
