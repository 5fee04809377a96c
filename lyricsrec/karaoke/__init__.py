"""Karaoke that plays: videos, and other files that show the words of a song as they are sung.

`make.make_karaoke` writes one file of a song and its timed lines; `settings` has its options, and `styles` reads how it
looks. `words` finds lines with times, `sound` the instrumental, `layout` decides what is shown where and when, `video`
draws it. One more kind of file is one maker in `make.MAKERS`.
"""
