"""`python -m lyricsrec` is the `lyricsrec` command."""

from lyricsrec.cli import main

main()
