"""Parts of the readers of SubRip and WebVTT (`formats.subtitles`): rows of times, text of cues, rolling captions.

Each step is a module with one function that others call. Imports from `formats.base`, `formats.text` and `lyrics`.
"""
