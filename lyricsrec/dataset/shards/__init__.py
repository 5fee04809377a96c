"""Shards: a data set as large tar files, which training reads in pieces from a disk or from object storage.

`index` describes the files and reads them back, `storage` reads bytes from folders and URLs, `write` makes shards of a
data set, `encoding` the sound of a chunk in them. Another kind of storage is a class and a line of `STORES`.
"""
