"""A stand-in for the Hugging Face hub on this machine: repositories in memory, uploaded to and downloaded from."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import yaml

TOKEN = "hf_stand_in"
COMMIT = "c0ffee" + "0" * 34


@dataclass
class Repository:
    """A repository: who sees it, its files, and the messages of its commits."""

    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)


@dataclass
class Hub:
    """What the stand-in has, and the requests that it got."""

    address: str
    repositories: dict[str, Repository] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    owners: tuple[str, ...] = ("singer",)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, status: int, body: bytes | dict[str, Any] | list[Any] = b"", **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if isinstance(body, bytes) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _handle(self) -> None:
        body, path = self._body(), unquote(self.path.partition("?")[0])
        self.hub.requests.append(f"{self.command} {path}")
        known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if path.startswith("/large/"):
            self._put(path.rpartition("/")[2], body)
        elif path == "/api/validate-yaml":
            self._validate(json.loads(body)["content"])
        elif self.command == "POST" and not known:
            self._answer(401, {"error": "Invalid username or password."})
        elif path == "/api/repos/create":
            self._create(json.loads(body))
        elif found := re.fullmatch(r"(?:/api/models)?/([^/]+/[^/]+?)(?:\.git)?(?:/(.*))?", path):
            repository = self.hub.repositories.get(found.group(1))
            if repository is None or (repository.private and not known):
                self._answer(404, {"error": "Repository not found"}, X_Error_Code="RepoNotFound")
            else:
                self._in_repository(found.group(1), repository, found.group(2) or "", body)
        else:
            self._answer(404)

    do_GET = do_HEAD = do_POST = do_PUT = _handle  # noqa: N815

    def _put(self, name: str, body: bytes) -> None:
        right = hashlib.sha256(body).hexdigest() == name
        if right:
            self.hub.large[name] = body
        self._answer(200 if right else 400)

    def _validate(self, content: str) -> None:
        metadata = yaml.safe_load(content.split("---")[1])
        wrong = [] if metadata["library_name"] else [{"message": "no library"}]
        self._answer(400 if wrong else 200, {"errors": wrong, "warnings": []})

    def _create(self, wanted: dict[str, Any]) -> None:
        name = f"{wanted.get('organization')}/{wanted['name']}"
        if wanted.get("organization") not in self.hub.owners:
            self._answer(403, {"error": "You don't have the rights to create a model under this namespace"})
            return
        private = wanted.get("private", wanted.get("visibility") == "private")
        self.hub.repositories[name] = Repository(private)
        self._answer(200, {"url": f"{self.hub.address}/{name}"})

    def _in_repository(self, name: str, repository: Repository, path: str, body: bytes) -> None:
        kind, _, rest = path.partition("/")
        if kind in ("", "revision"):
            self._answer(200, {"id": name, "sha": COMMIT, "private": repository.private, "siblings": []})
        elif kind == "preupload":
            files = [
                {"path": file["path"], "shouldIgnore": False}
                | {"uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular"}
                for file in json.loads(body)["files"]
            ]
            self._answer(200, {"files": files})
        elif kind == "info":
            objects = [
                {**one, "actions": {"upload": {"href": f"{self.hub.address}/large/{one['oid']}"}}}
                for one in json.loads(body)["objects"]
            ]
            self._answer(200, {"transfer": "basic", "objects": objects})
        elif kind == "commit":
            self._commit(name, repository, body)
        elif kind == "tree":
            entries = [
                {"type": "file", "path": file, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for file, data in repository.files.items()
            ]
            self._answer(200, entries)
        elif kind == "resolve":
            data = repository.files[rest.partition("/")[2]]
            self._answer(200, data, ETag=f'"{hashlib.sha1(data).hexdigest()}"', X_Repo_Commit=COMMIT)
        else:
            self._answer(404)

    def _commit(self, name: str, repository: Repository, body: bytes) -> None:
        for row in map(json.loads, body.decode().splitlines()):
            value = row["value"]
            if row["key"] == "header":
                repository.messages.append(value["summary"])
            elif row["key"] == "file":
                repository.files[value["path"]] = base64.b64decode(value["content"])
            elif row["key"] == "lfsFile":
                repository.files[value["path"]] = self.hub.large[value["oid"]]
        url = f"{self.hub.address}/{name}/commit/{COMMIT}"
        self._answer(200, {"commitOid": COMMIT, "commitUrl": url})


@contextmanager
def stand_in_hub() -> Iterator[Hub]:
    """A hub that runs until the end of the block."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        handler.hub = Hub(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield handler.hub  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()
