"""Times for words that have none, between words whose times stay."""
