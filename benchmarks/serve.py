"""How fast does `lyricsrec serve` respond while songs are being processed?

    python benchmarks/serve.py SONG... [--preset builtin] [--uploads 0]

Starts a server on an empty folder, uploads the songs, subscribes to events as the page does, and requests the page, the
list, a job and a transcript (of a job that was done before) in turn, until all jobs are finished. With --uploads, that
many copies of the first song are uploaded meanwhile, eight at a time, and deleted at once. Prints the median, the 99th
and the 100th percentile of the response times in ms, by kind of request.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a server; returns the process and its address."""
    command = [sys.executable, "-m", "lyricsrec", "serve", "--port", "0", "--no-open", "--data", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        print(line, end="", file=sys.stderr)
        if found := re.search(r"serving on (http://\S+)/", line):
            return process, found[1]
    raise SystemExit("the server did not start")


def upload(url: str, song: Path, preset: str) -> str:
    with song.open("rb") as file:
        answer = httpx.post(f"{url}/api/jobs", files={"file": (song.name, file)}, data={"preset": preset}, timeout=600)
    answer.raise_for_status()
    return str(answer.json()["id"])


def subscribe(url: str) -> None:
    """Receive events, as the page does."""
    with httpx.stream("GET", f"{url}/api/events", timeout=None) as events:
        for _ in events.iter_raw():
            pass


def flood(url: str, song: Path, preset: str, count: int) -> None:
    """Upload `count` copies of a song, eight at a time, and delete them."""

    def one(_: int) -> None:
        httpx.delete(f"{url}/api/jobs/{upload(url, song, preset)}", timeout=60)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(count)))


def state(url: str, id: str) -> str:
    return str(httpx.get(f"{url}/api/jobs/{id}", timeout=60).json()["state"])


class Requests:
    """One connection, with the response times of its requests."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.times_s: dict[str, list[float]] = defaultdict(list)

    def get(self, name: str, path: str) -> bytes:
        """The body of a response."""
        began = time.perf_counter()
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        self.times_s[name].append(time.perf_counter() - began)
        assert answer.status == 200, (path, answer.status)
        return body

    def report(self) -> None:
        """Print the response times."""
        everything = np.concatenate([np.array(times) for times in self.times_s.values()])
        for name, times in [*self.times_s.items(), ("all", everything)]:
            median, late, last = np.percentile(np.array(times) * 1000, (50, 99, 100))
            print(f"{name:10} {len(times):6} responses: {median:6.1f} ms, 99 % {late:6.1f} ms, 100 % {last:6.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", type=Path, nargs="+")
    parser.add_argument("--preset", default="builtin")
    parser.add_argument("--uploads", type=int, default=0)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        server, url = start(Path(made))
        try:
            first = upload(url, flags.songs[0], flags.preset)
            while state(url, first) in ("queued", "running"):
                time.sleep(0.2)
            ids = [upload(url, song, flags.preset) for song in flags.songs]
            threading.Thread(target=subscribe, args=(url,), daemon=True).start()
            # In a process of its own, so that sending does not delay this process.
            arguments = (url, flags.songs[0], flags.preset, flags.uploads)
            get_context("spawn").Process(target=flood, args=arguments, daemon=True).start()
            requests, start_s = Requests(url), time.perf_counter()
            waiting = set(ids)
            while waiting:
                requests.get("page", "/")
                jobs = json.loads(requests.get("list", "/api/jobs"))["jobs"]
                waiting = set(ids) & {job["id"] for job in jobs if job["state"] in ("queued", "running")}
                requests.get("job", f"/api/jobs/{ids[-1]}")
                requests.get("transcript", f"/api/jobs/{first}/transcript")
                time.sleep(0.02)
            print(f"{len(ids)} songs in {time.perf_counter() - start_s:.0f} s on {os.cpu_count()} cores")
            requests.report()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


if __name__ == "__main__":
    main()
