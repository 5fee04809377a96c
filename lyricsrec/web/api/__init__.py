"""The HTTP side: routes, access control, and the page's files.

`app` puts the server together; `routes` has the jobs, `results` what a finished job offers, `events` the server-sent
events, `corrections` the edited transcripts, `page` the static files, `security` the access control, `service` what
the routes share. `cli.serve` imports `app`. One more route is one function in `routes` or `results`.
"""
