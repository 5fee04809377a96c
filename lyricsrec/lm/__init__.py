"""N-gram language models: estimated from texts (`estimation`) and tuned for a recogniser (`tuning`).

`settings` holds the options of both. Imports from `dataset` and the rooms below; only `cli` imports from here. A kind
of text to build from is added in `estimation.texts`.
"""
