"""Settings of `lyricsrec serve`, with their defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

import platformdirs

from lyricsrec.pipeline.settings import PipelineConfig


def data_folder() -> Path:
    """Where jobs are kept unless another folder is named: with the user's data, as the system has it."""
    return Path(platformdirs.user_data_dir("lyricsrec", appauthor=False))


@dataclass(frozen=True)
class ServeConfig:
    """How to serve.

    `token` is what clients must show, None for none; they may call the server by `host` and `names`, such as a proxy's.
    Uploads may have `max_upload_mb` and `max_duration_s`, and at most `max_queued` of them wait. Jobs that are over go
    after `keep_days`, the oldest ones earlier where all files together
    exceed `keep_gib`. Looking at an upload may take `decode_timeout_s`, reading all of it a tenth of the
    longest duration more, and each `decode_memory_gib`. Models come from this
    disk only, unless `downloads` lets presets be fetched. A worker that is silent for `lease_s` has lost its job, and a
    job that lost `max_attempts` workers has failed. At most `max_pipelines` presets stay loaded: more need memory,
    fewer need loading again when clients take turns.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    _: KW_ONLY
    names: tuple[str, ...] = ()
    folder: Path = field(default_factory=data_folder)
    max_upload_mb: int = 300
    max_duration_s: float = 3600.0
    max_queued: int = 100
    keep_days: float = 30.0
    keep_gib: float = 20.0
    decode_timeout_s: float = 60.0
    decode_memory_gib: float = 2.0
    downloads: bool = False
    device: str = PipelineConfig.device
    dtype: str = PipelineConfig.dtype
    lease_s: float = 30.0
    max_attempts: int = 3
    max_pipelines: int = 2
