"""Decoding: CTC log-probabilities in, words with times and confidences out.

`emission` holds the log-probabilities, `hypothesis` the interface of decoders; `registry` chooses among the searches in
`search/` by the `settings`, and `search_process` runs one in a second process. `language_model` and `lm_folder` read
KenLM models, and `voting/` makes one text of several. Imports from `models`, `lyrics` and `base`. To add a search,
write a file in `search/` and add one entry to `registry.SEARCHES`.
"""
