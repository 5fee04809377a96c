"""`lyricsrec serve`: a page and a REST interface over the pipeline, with a queue of jobs in a data folder.

`api` answers requests, `intake` accepts uploads, `songs` inspects them, `jobs` stores them, `work` processes them in a
second process; `static` is the page. `cli.serve` imports from here; nothing below this room does.
"""
