"""Lines in English beside those that are sung, by a recogniser that translates."""
