"""Data sets: annotated songs and their audio, made into manifests that training, tuning and scoring read.

`manifest` holds the rows of a data set, `chunk_audio` reads the audio of a chunk, `audio_files` finds and checks audio
files, `show` prints statistics, `pronunciation` reads lexicons. `sources` reads annotations and `preparation` makes
manifests of them; `shards` writes and reads large tar files. Imports from base, lyrics, audio and formats. Another
source of annotations goes into `sources`.
"""
