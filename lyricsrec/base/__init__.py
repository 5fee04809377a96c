"""The ground floor: errors, settings, progress, writing files whole, caches, HTML, clocks, devices, worker processes.

Nothing here knows songs, lyrics or models. Every room may import it, and it imports no other room. Something belongs
here only if two rooms that may not import each other need it.
"""
