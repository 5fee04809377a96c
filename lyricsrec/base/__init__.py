"""What every room needs: errors, settings, progress, atomic file writing, caches, HTML, clocks, devices, workers.

Nothing here knows songs, lyrics or models. Every room may import it, and it imports no other room. A module belongs
here only if several rooms need it.
"""
