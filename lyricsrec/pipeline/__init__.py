"""The pipeline: the order of the stages, loading them by name, and batches of songs.

`load.load_pipeline` builds a `pipeline.Pipeline` from `settings`; `presets` names models that go together (a new one is
one row), `batch` runs many songs, `doctor` checks an installation. Imports from all rooms below; commands, the web
page, scoring and data set tools import from here.
"""
