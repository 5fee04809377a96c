"""A page and a REST interface over the pipeline: jobs in a data folder, a server, and a process that works on them."""
