"""Uploaded songs, which are untrusted files: their duration, waveform and playable copies.

`probe` (duration and type) and `peaks` (waveform) decode in a child process with limits (`sandbox`, `web.limited`);
`playable` makes copies that browsers can play. One more inspection is one module that ends in
`run_inspection(function)` and calls `run_in_sandbox(__name__, ...)`.
"""
