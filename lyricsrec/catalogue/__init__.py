"""Catalogues: one task for very many songs, in any number of processes on any number of machines, without a server.

`sources` finds the songs, `index` names them by the content of their sound, `songs` lists every content once, `tasks`
say what is done with a song, `engines` where it is done, `run` gives songs to workers, and `store` keeps ledgers and
claims. `status`, `tables` and `slurm` serve the other commands. Imports from the rooms up to pipeline.
"""
