"""Jobs of a data folder: the values, the SQLite database, the files, and which presets they may use.

`job` has the values, `store` all queries, `database` opens the file and applies `migrations`, `folder` names the files
of a job, `expiry` removes old jobs, `lock` keeps a second server out, `presets` turns a job into pipeline settings.
Server and worker both import from here. One more column is one file in `migrations/versions`, and its column in
`store` and `job`.
"""
