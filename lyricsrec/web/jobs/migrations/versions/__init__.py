"""One file for each change of the schema, in order; a new one names its predecessor in `down_revision`."""
