"""The worker: a process that runs the pipeline on queued jobs, one at a time, and the supervisor that keeps it running.

`supervisor` runs in the server and starts `worker` as a child process; `heartbeat` renews the worker's lease on its
job, `pipeline_cache` keeps loaded models between jobs. The server imports only `supervisor`. One more kind of job is a
value of `jobs.job.Kind`, its settings in `jobs.presets`, and a method with a row of `_TASKS` in `worker`.
"""
