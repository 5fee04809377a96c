"""From an HTTP request with a song to a queued job.

`body_limit` bounds the size and duration of request bodies, `form` parses the upload form while it arrives, `intake`
checks the form, inspects the song and queues the job. The routes of `web.api` use `Intake`; nothing here knows them.
One more form field is one entry in `form.FIELDS` and its check in `intake`.
"""
