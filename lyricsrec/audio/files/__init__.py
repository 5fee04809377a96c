"""Files of sound, decoded by ffmpeg (PyAV) and placed on the clock of their container.

`source` opens a file, chooses one of its tracks (`tracks`) and decodes it; `timeline` places what is decoded, so that
holes become silence; `pcm` makes stereo of it; `declared` finds what a file says about its length, which reveals files
that are cut short. `media`, one room up, is what others use. Imports from `audio.audio`, `lyrics` and `base`.
"""
