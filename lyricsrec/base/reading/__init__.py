"""Reading what comes from outside: files that are regular and of bounded size, and JSON of unknown origin.

Every room that opens a file which a user or their data named does so by `input_files`, and parses JSON by `json_text`.
"""
