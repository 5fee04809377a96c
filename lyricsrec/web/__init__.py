"""`lyricsrec serve`: a page and a REST interface over the pipeline, with a queue of jobs in a data folder.

`access` decides who gets in, `api` answers requests, `intake` accepts uploads, `songs` and `texts` read what clients
send in child processes that `limited` starts, `jobs` stores jobs, `work` processes them in a second process; `static`
is the page. `cli.serve` imports from here; nothing below this room does.
"""
