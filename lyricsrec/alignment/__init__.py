"""Known lyrics to times: a path through the whole song that may leave out what is not sung."""
