"""The HTTP side: routes and the page's files.

`app` puts the application together, `listen` runs it; `routes` has the jobs, `results` what a finished job offers,
`events` the server-sent events, `corrections` the edited transcripts, `page` the static files, `census` what
`/api/health` counts, `service` what the routes share. `cli.serve` imports `app` and `listen`. One more route is one
function in `routes` or `results`.
"""
