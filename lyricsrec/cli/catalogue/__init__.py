"""Commands for catalogues: run a task for very many songs, look how far it is, try again, export, submit to SLURM."""
