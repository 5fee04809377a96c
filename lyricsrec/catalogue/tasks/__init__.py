"""What can be done with every song of a catalogue. One more task is a module here and a line in `registry`."""
