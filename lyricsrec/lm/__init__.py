"""N-gram language models: estimated from texts (`estimation`) and tuned for a recogniser (`tuning`).

May import `decoding` and the data sets' manifests; only `cli` imports it. `settings` holds the options of both.
"""
