"""Data sets: annotations of DALI and others, made into manifests that training and scoring read."""
