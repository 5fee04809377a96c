"""Where the songs of a catalogue come from: folders, globs, files, and lists of them.

`find.find_entries` turns arguments into `entry.Entry` values; one more kind of list is one
function and one line in `lists`.
"""
