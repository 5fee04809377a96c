"""Settings of `lyricsrec serve`, with their defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Annotated

import platformdirs
from annotated_types import Ge, Le

from lyricsrec.base.device import DeviceName, DtypeName
from lyricsrec.base.settings import AtLeastZero, Natural, Positive, Settings


def data_folder() -> Path:
    """The default folder for songs and results: the user's data folder of this system."""
    return Path(platformdirs.user_data_dir("lyricsrec", appauthor=False))


@dataclass(frozen=True)
class ServeConfig(Settings):
    """Settings of the server and its worker.

    Access: `token` is the access token that clients must send, None for none; clients may address the server as `host`
    or one of `names`, such as a reverse proxy's. Uploads: at most `max_upload_mb` and `max_duration_s` each, and at
    most `max_queued` in the queue. Inspecting an upload may take `decode_timeout_s` (decoding all of it a tenth of
    `max_duration_s` more) and `decode_memory_gib` of memory.
    Storage: finished jobs are removed after `keep_days` unless their lyrics were corrected, the oldest ones
    earlier where all files together exceed `keep_gib`. Models are used only when they are on this disk, unless
    `downloads` allows presets to be downloaded. Worker: one that does not renew its lease for `lease_s` loses
    its job, and a job that was started `max_attempts` times has failed. At most `max_pipelines` presets stay
    loaded: more take more memory, fewer must be loaded again when clients use different presets in turn. The
    worker may use `worker_memory_gib` of memory, 0 for four fifths of what the machine has; a song that needs
    more fails.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Ge(0), Le(65535)] = 8000
    token: str | None = None
    _: KW_ONLY
    names: tuple[str, ...] = ()
    folder: Path = field(default_factory=data_folder)
    max_upload_mb: Natural = 300
    max_duration_s: Annotated[float, Ge(1), Le(1e6)] = 3600.0
    max_queued: Natural = 100
    keep_days: AtLeastZero = 30.0
    keep_gib: AtLeastZero = 20.0
    decode_timeout_s: Positive = 60.0
    decode_memory_gib: Positive = 2.0
    downloads: bool = False
    device: DeviceName = "auto"
    dtype: DtypeName = "auto"
    lease_s: Positive = 30.0
    max_attempts: Natural = 3
    max_pipelines: Natural = 2
    worker_memory_gib: AtLeastZero = 0.0
