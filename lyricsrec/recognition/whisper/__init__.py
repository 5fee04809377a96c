"""Whisper: a recogniser of CTranslate2 folders with a search made for singing, and its encoder as a CTC model.

`recognizer` runs the whole; `encoder` runs CTranslate2 and finds the language, `search` finds the text, `evidence`
measures how much of it comes from the audio and times its words, `judge` drops what was not sung; `decoder` and
`ctranslate2_file` are the network and its weights. `ctc_model` puts a CTC head on the encoder.
"""
