"""Where songs are done: processes of this machine, or a Ray cluster.

One more engine is a module here and a line in `registry`.
"""
