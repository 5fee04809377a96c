"""Pictures and pages of a song with its words at their times."""
