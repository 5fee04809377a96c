"""Karaoke as a video: text as images, laid over the background where it changes, encoded with its sound.

`make.make_video` does all. `planes` has pictures in YUV and how text is laid over them, `text` draws words, `sprites`
makes what is shown of a `Show`, `painter` the frames, `background` what lies behind them, `file` encodes.
"""
