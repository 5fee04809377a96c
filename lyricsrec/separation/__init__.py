"""Separators: a mix in, its vocals and instrumental out.

`registry` lists them and loads one by name; other rooms import that, `base` (the interface), `settings`, and `stems`,
which writes files. Imports
from `models`, `audio` and `base`. To add a separator, write a file with its class and loader, add one entry to
`registry.FAMILIES`, and a row for each model to `models.catalogue`. A family that can be trained has a
`TrainableSeparator` (in `trainable`), `vocal_net` for Demucs, and names the file that marks a trained one's folder.
"""
