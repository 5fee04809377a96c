"""A server with the page's REST interface but without models: its jobs are done after a moment."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

from lyricsrec.formats.registry import OUTPUT_FORMATS, TEXT_SUFFIXES
from lyricsrec.lyrics.transcript import Line, Placement, Provenance, Transcript, Word
from lyricsrec.web.access.security import CONTENT_POLICY
from lyricsrec.web.texts.preview import rows_of

STATIC = Path(__file__).parents[3] / "lyricsrec" / "web" / "static"
PRESETS = [
    {"name": "offline", "description": "small, English", "languages": ["en"], "available": True, "default": True,
     "label": "Small, English", "size_mb": 145},
    {"name": "builtin", "description": "needs no extra", "languages": ["en"], "available": True, "default": False},
    {"name": "whisper", "description": "large Whisper on the separated voice, 99 languages", "languages": None,
     "available": True, "default": False},
    {"name": "wav2vec2", "description": "CTC, English", "languages": ["en"], "available": False, "default": False},
]  # fmt: skip
Fields = dict[str, Any]


LINES = [
    [("So", 0.48, 0.58), ("far", 0.84, 0.92), ("away", 1.2, 1.61), ("from", 1.8, 2.28), ("home", 2.28, 2.88)],
    [("So", 3.08, 3.18), ("far", 3.46, 3.54), ("away", 3.76, 4.2), ("that", 4.32, 4.6), ("I", 4.7, 4.78),
     ("don't", 4.84, 5.1), ("know", 5.18, 5.74)],
    [("Where", 6.06, 6.3), ("my", 6.44, 6.66), ("home", 6.8, 7.3), ("is", 7.54, 7.7), ("anymore", 7.82, 9.2)],
    [("Twenty-one", 11.24, 12.18), ("to", 12.3, 12.42), ("be", 12.46, 12.7), ("someone", 12.8, 13.5)],
]  # fmt: skip


def transcript_of_a_song(job: Fields) -> Fields:
    """The lyrics of the first example; with given lyrics, one more line that is unplaced, and one that is uncertain."""
    lines = [
        Line(tuple(Word(text, start_s, end_s, confidence=0.9) for text, start_s, end_s in words)) for words in LINES
    ]
    if job["kind"] == "align":
        lines = [replace(line, placement=Placement(0.9, "sure")) for line in lines]
        lines[2] = replace(lines[2], placement=Placement(0.4, "doubtful", "fits elsewhere too"))
        words = tuple(Word(text, None, None) for text in ["A", "line", "nobody", "sings"])
        lines.insert(3, Line(words, Placement(0.0, "unplaced", "not found in the recording")))
    made = Provenance("0", "none", "fake", decoder="none")
    document: Fields = json.loads(
        Transcript("a song", 13.676, tuple(lines), provenance=made, notes=("a remark",)).to_json()
    )
    return document


@dataclass
class Fake:
    """The jobs of a server, and what is theirs; `transcribe` makes the transcript of a job."""

    folder: Path
    transcribe: Callable[[Fields], Fields] = transcript_of_a_song
    work_s: float = 2.0
    jobs: dict[str, Fields] = field(default_factory=dict)
    transcripts: dict[str, Fields] = field(default_factory=dict)
    edited: dict[str, Fields] = field(default_factory=dict)
    lyrics: dict[str, str] = field(default_factory=dict)
    follow_ups: dict[str, Fields] = field(default_factory=dict)
    timed: dict[str, Fields] = field(default_factory=dict)
    refuse: list[tuple[int, str]] = field(default_factory=list)
    is_lazy: bool = False
    looks: list[dict[str, str]] = field(default_factory=list)
    hang_ups: int = 0
    changes: int = 0
    ids: Iterator[int] = field(default_factory=count)

    def add(self, name: str, kind: str = "transcribe", **given: Any) -> Fields:
        """A new job at the end of the queue."""
        job = {
            "id": f"job-{next(self.ids)}-{'x' * 12}", "kind": kind, "name": name, "preset": "offline", "language": None,
            "stems": False, "state": "queued", "stage": None, "progress": None, "error": None,
            "created_at": time.time(),
            "started_at": None, "finished_at": None, "duration_s": 13.676, "size_bytes": 1000, "attempts": 0,
            "revision": 0,
            "wanted": [], "found": [], "not_found": {},
            "has_lyrics": False, "has_stems": False, "tracks": [], "stems_note": None,
            "formats": [], "position": None, "expires_at": None, "edited": False, "warning": None, **given,
        }  # fmt: skip
        self.jobs[job["id"]] = job
        self.changes += 1
        return job

    def finish(self, job: Fields) -> None:
        job.update(
            state="done",
            formats=list(OUTPUT_FORMATS),
            has_lyrics=True,
            has_stems=job["stems"],
            tracks=["vocals", "instrumental"] if job["stems"] else [],
            progress=None,
            finished_at=time.time(),
        )
        self.transcripts[job["id"]] = self.transcribe(job)
        self.changes += 1

    def time(self, job_id: str) -> None:
        """Time the words that have no times: one after the other, from 13 s on."""
        at_s = 13.0
        for word in (word for line in self.timed[job_id]["lines"] for word in line["words"]):
            if word["start_s"] is None:
                word.update(start_s=at_s, end_s=at_s + 0.05)
                at_s += 0.1
        self.jobs[job_id].update(wanted=[], state="done", stage=None)
        self.changes += 1

    async def work(self) -> None:
        """Take one job after the other, as a worker would."""
        while True:
            await asyncio.sleep(0.01)
            waiting = [job for job in self.jobs.values() if job["state"] == "queued" and not job.get("held")]
            for job in waiting[:1]:
                await self._run(job)

    async def _run(self, job: Fields) -> None:
        steps = 20
        for step in range(steps):
            if job["state"] not in ("queued", "running"):
                return
            stage = "separating" if step < steps // 2 else "recognising"
            job.update(state="running", stage=stage, progress=step % (steps // 2) / (steps // 2))
            self.changes += 1
            await asyncio.sleep(self.work_s / steps)
        if job["state"] == "running":
            self.finish(job)

    def view(self, job: Fields) -> Fields:
        waiting = [other["id"] for other in self.jobs.values() if other["state"] == "queued"]
        return {**job, "position": waiting.index(job["id"]) + 1 if job["id"] in waiting else None}


def refused(status: int, error: str, hint: str | None = None) -> JSONResponse:
    return JSONResponse({"error": error, "hint": hint}, status, {"Retry-After": "1"} if status == 429 else None)


def create_app(fake: Fake) -> FastAPI:  # noqa: C901
    """The application; everything but the page itself lies below /api."""

    @asynccontextmanager
    async def working(_: FastAPI) -> AsyncIterator[None]:
        work = asyncio.create_task(fake.work())
        yield
        work.cancel()

    app = FastAPI(lifespan=working)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.middleware("http")
    async def secure(request: Request, call_next: Any) -> Response:
        answer: Response = await call_next(request)
        answer.headers["Content-Security-Policy"] = CONTENT_POLICY
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.get("/")
    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    @app.get("/service-worker.js")
    async def worker() -> Response:
        return Response("", media_type="text/javascript")

    @app.get("/api/models")
    async def models() -> Fields:
        formats = [{"name": f.name, "suffix": f.suffix, "description": f.description} for f in OUTPUT_FORMATS.values()]
        limits = {"max_upload_mb": 1, "max_duration_s": 3600.0}
        can_find = [{"name": name, "available": True, "hint": None} for name in ("chords", "melody")]
        return {
            "presets": PRESETS,
            "formats": formats,
            "follow_ups": can_find,
            "lyrics_suffixes": TEXT_SUFFIXES,
            "limits": limits,
        }

    @app.get("/api/jobs")
    async def jobs() -> Fields:
        return {"jobs": [fake.view(job) for job in reversed(fake.jobs.values())]}

    @app.post("/api/jobs", status_code=201)
    async def create(
        file: UploadFile,
        kind: str = Form("transcribe"),
        preset: str = Form("offline"),
        language: str | None = Form(None),
        lyrics: str | None = Form(None),
        stems: bool = Form(False),
    ) -> Any:
        if fake.refuse:
            return refused(*fake.refuse.pop(0))
        job = fake.add(file.filename or "", kind, preset=preset, language=language, stems=stems, held=True)
        (fake.folder / job["id"]).write_bytes(await file.read())
        fake.lyrics[job["id"]] = lyrics or ""
        job["held"] = fake.is_lazy
        return fake.view(job)

    @app.get("/api/events")
    async def events(request: Request) -> StreamingResponse:
        async def stream() -> AsyncIterator[str]:
            sent: dict[str, str] = {}
            hang_ups = fake.hang_ups
            while not await request.is_disconnected() and hang_ups == fake.hang_ups:
                seen = fake.changes
                for job in list(fake.jobs.values()):
                    text = json.dumps(fake.view(job))
                    if sent.get(job["id"]) != text:
                        sent[job["id"]] = text
                        yield f"event: job\ndata: {text}\n\n"
                for gone in sent.keys() - fake.jobs.keys():
                    del sent[gone]
                    yield f"event: deleted\ndata: {json.dumps({'id': gone})}\n\n"
                while (seen, hang_ups) == (fake.changes, fake.hang_ups) and not await request.is_disconnected():
                    await asyncio.sleep(0.02)

        return StreamingResponse(stream(), media_type="text/event-stream")

    @app.post("/api/lyrics/preview")
    async def preview(request: Request) -> Fields:
        return rows_of((await request.json())["lyrics"])

    @app.get("/api/jobs/{job_id}")
    async def get(job_id: str) -> Any:
        return fake.view(fake.jobs[job_id]) if job_id in fake.jobs else refused(404, "There is no such job.")

    @app.patch("/api/jobs/{job_id}")
    async def rename(job_id: str, request: Request) -> Fields:
        fake.jobs[job_id].update(await request.json())
        fake.changes += 1
        return fake.view(fake.jobs[job_id])

    @app.post("/api/jobs/{job_id}/cancel")
    async def cancel(job_id: str) -> Fields:
        ended = "done" if fake.jobs[job_id]["has_lyrics"] else "cancelled"
        fake.jobs[job_id].update(state=ended, progress=None, wanted=[])
        fake.changes += 1
        return fake.view(fake.jobs[job_id])

    @app.post("/api/jobs/{job_id}/stems", status_code=202)
    async def make_stems(job_id: str) -> Any:
        if fake.refuse:
            return refused(*fake.refuse.pop(0))
        fake.jobs[job_id].update(state="queued", stems=True, held=fake.is_lazy)
        fake.changes += 1
        return fake.view(fake.jobs[job_id])

    @app.post("/api/jobs/{job_id}/follow-ups/{name}", status_code=202)
    async def want(job_id: str, name: str) -> Any:
        if fake.refuse:
            return refused(*fake.refuse.pop(0))
        fake.jobs[job_id].update(state="running", progress=0.5, wanted=[*fake.jobs[job_id]["wanted"], name])
        fake.changes += 1
        return fake.view(fake.jobs[job_id])

    @app.get("/api/jobs/{job_id}/follow-ups/{name}")
    async def follow_up(name: str) -> Fields:
        return fake.follow_ups[name]

    @app.post("/api/jobs/{job_id}/again", status_code=201)
    async def again(job_id: str, request: Request) -> Any:
        if fake.refuse:
            return refused(*fake.refuse.pop(0))
        old, wanted = fake.jobs[job_id], await request.json()
        lyrics = wanted.pop("lyrics", None)
        same = {name: old[name] for name in ("kind", "preset", "language", "stems", "duration_s")}
        job = fake.add(old["name"], held=fake.is_lazy, **{**same, **wanted})
        fake.lyrics[job["id"]] = fake.lyrics.get(job_id, "") if lyrics is None else lyrics
        if not old["has_lyrics"]:
            del fake.jobs[job_id]
        return fake.view(job)

    @app.delete("/api/jobs/{job_id}", status_code=204)
    async def delete(job_id: str) -> None:
        del fake.jobs[job_id]
        fake.changes += 1

    def transcript_of(job_id: str) -> Fields:
        return fake.edited.get(job_id, fake.transcripts[job_id])

    @app.get("/api/jobs/{job_id}/transcript")
    async def transcript(job_id: str) -> Fields:
        revision = fake.jobs[job_id]["revision"]
        return {"revision": revision, "edited": job_id in fake.edited, "transcript": transcript_of(job_id)}

    @app.put("/api/jobs/{job_id}/transcript")
    async def save(job_id: str, request: Request) -> Any:
        sent = await request.json()
        if sent["revision"] != fake.jobs[job_id]["revision"]:
            return refused(409, "The lyrics were changed meanwhile.")
        Transcript.from_json(json.dumps(sent["transcript"]))
        fake.edited[job_id] = sent["transcript"]
        fake.jobs[job_id]["revision"] += 1
        fake.changes += 1
        return {"revision": fake.jobs[job_id]["revision"]}

    @app.post("/api/jobs/{job_id}/timing", status_code=202)
    async def time_words(job_id: str, request: Request) -> Any:
        if fake.refuse:
            return refused(*fake.refuse.pop(0))
        fake.timed[job_id] = (await request.json())["transcript"]
        fake.jobs[job_id].update(wanted=["timing"], state="running", stage="recognising", progress=0.5)
        if not fake.is_lazy:
            asyncio.get_running_loop().call_later(fake.work_s / 4, fake.time, job_id)
        return fake.view(fake.jobs[job_id])

    @app.get("/api/jobs/{job_id}/timing")
    async def timed(job_id: str) -> Fields:
        return {"transcript": fake.timed[job_id]}

    @app.delete("/api/jobs/{job_id}/timing")
    async def stop_timing(job_id: str) -> Fields:
        fake.jobs[job_id].update(wanted=[], state="done", stage=None)
        return fake.view(fake.jobs[job_id])

    @app.delete("/api/jobs/{job_id}/transcript")
    async def revert(job_id: str) -> Fields:
        fake.edited.pop(job_id, None)
        fake.jobs[job_id]["revision"] += 1
        return {"revision": fake.jobs[job_id]["revision"]}

    @app.get("/api/jobs/{job_id}/download/{name}")
    async def download(job_id: str, name: str) -> Response:
        text = OUTPUT_FORMATS[name].render(Transcript.from_json(json.dumps(transcript_of(job_id))))
        headers = {"Content-Disposition": f'attachment; filename="song{OUTPUT_FORMATS[name].suffix}"'}
        return Response(text, media_type="text/plain; charset=utf-8", headers=headers)

    @app.get("/api/karaoke")
    async def karaoke_options() -> Fields:
        style = {"background": "#101010", "unsung": "#ffffff", "sung": "#ffcc00", "lines": 2}
        return {"kinds": ["mp4"], "styles": [{"name": "clean", **style}, {"name": "stage", **style, "lines": 3}],
                "fonts": ["DejaVu Sans"]}  # fmt: skip

    @app.get("/api/jobs/{job_id}/karaoke-preview")
    async def karaoke_preview(job_id: str, request: Request) -> Any:
        fake.looks.append(dict(request.query_params))
        if fake.refuse:
            return refused(*fake.refuse[0])
        return FileResponse(STATIC / "icon.svg")

    @app.post("/api/jobs/{job_id}/karaoke/{kind}", status_code=202)
    async def make_karaoke(job_id: str, kind: str, request: Request) -> Fields:
        job, look = fake.jobs[job_id], await request.json()
        file = {
            "kind": kind,
            "state": "wanted",
            "revision": job["revision"],
            "look": look,
            "error": None,
            "size_bytes": None,
        }
        job.update(state="queued", held=True, karaoke=[file])
        fake.changes += 1
        return fake.view(job)

    @app.get("/api/jobs/{job_id}/audio")
    @app.get("/api/jobs/{job_id}/stems/{_stem}")
    async def audio(job_id: str, _stem: str = "") -> FileResponse:
        song = fake.folder / job_id
        head = song.read_bytes()[:4] if song.exists() else b""
        return FileResponse(
            song if head else fake.folder / "song.wav", media_type="audio/flac" if head == b"fLaC" else "audio/wav"
        )

    @app.get("/api/jobs/{job_id}/peaks")
    async def peaks(job_id: str, track: str = "mix") -> Fields:
        length = round(fake.jobs[job_id]["duration_s"] / 0.05)
        loud = 1 if track == "mix" else 0.5
        return {"hop_s": 0.05, "peaks": [loud * (abs(i * 37 % 100 / 100 - 0.5) + i % 20 / 40) for i in range(length)]}

    @app.get("/api/jobs/{job_id}/spectrogram")
    async def spectrogram(job_id: str, track: str = "mix") -> Any:
        if fake.refuse:
            return refused(*fake.refuse.pop(0))
        columns = round(fake.jobs[job_id]["duration_s"] / 0.02)
        levels = (bytes([255] * 48) + bytes(48)) * columns
        return {"hop_s": 0.02, "bands": 96, "levels": base64.b64encode(levels).decode()}

    return app


@contextmanager
def running(fake: Fake, port: int = 0) -> Iterator[str]:
    """The server in a thread; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(create_app(fake), log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
