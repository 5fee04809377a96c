"""What a pipeline finds beside the lyrics, with its separator: methods of `Pipeline` for the music around the words."""
