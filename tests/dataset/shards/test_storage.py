"""Reading shards from folders and URLs, and what happens when a network fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.dataset.shards import storage
from lyricsrec.dataset.shards.storage import Span, UrlStore, open_store


@pytest.fixture
def memory() -> Iterator[str]:
    """A URL with one file of ten bytes."""
    files = fsspec.filesystem("memory")
    files.pipe("/storage/a.tar", b"0123456789")
    yield "memory://storage"
    files.rm("/storage", recursive=True)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


def kinds(found: list[bytes | Exception]) -> list[object]:
    return [type(item) if isinstance(item, Exception) else item for item in found]


def test_a_folder_and_a_url_give_the_same(memory: str, tmp_path: Path, waits: list[float]) -> None:
    (tmp_path / "a.tar").write_bytes(b"0123456789")
    wanted = [Span("a.tar", 2, 3), Span("gone.tar", 0, 4), Span("a.tar", 8, 5)]
    for place in (str(tmp_path), memory, f"file://{tmp_path}"):
        store = open_store(place)
        assert kinds(store.spans(wanted)) == [b"234", FileNotFoundError, b"89"]
        assert store.read("a.tar") == b"0123456789"
        with pytest.raises(DataError, match=r"gone\.tar: cannot be read \(no such file|No such file"):
            store.read("gone.tar")
    assert waits == []


def test_requests_that_a_network_failed_are_made_again(
    memory: str, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    store = UrlStore(memory)
    real, failures = store._files.cat_ranges, iter([1, 2])
    asked: list[int] = []

    def cat_ranges(paths: list[str], *bounds: object, **more: object) -> list[bytes | Exception]:
        asked.append(len(paths))
        found: list[bytes | Exception] = real(paths, *bounds, **more)
        for i in range(next(failures, 0)):
            found[i] = ConnectionResetError("by peer")
        return found

    monkeypatch.setattr(store._files, "cat_ranges", cat_ranges)
    wanted = [Span("a.tar", i, 1) for i in range(4)]
    assert store.spans(wanted) == [b"0", b"1", b"2", b"3"]
    assert (asked, waits) == ([4, 1, 1], [0.5, 1.0])
    # All at once, and for ever.
    monkeypatch.setattr(store._files, "cat_ranges", lambda *_, **__: (_ for _ in ()).throw(TimeoutError("late")))
    waits.clear()
    assert kinds(store.spans(wanted)) == [TimeoutError] * 4
    assert waits == list(storage._WAITS_S)


@pytest.mark.parametrize("place", ["nowhere://bucket/x", "s3x://a"])
def test_an_unknown_scheme_is_an_error_of_the_user(place: str) -> None:
    with pytest.raises(UsageError, match=place.partition(":")[0]):
        open_store(place)
