"""Tasks: their settings decide which results are theirs, and options that do not fit are refused."""

from __future__ import annotations

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.catalogue.tasks.base import TaskOptions
from lyricsrec.catalogue.tasks.registry import TASKS, make_task


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_its_name_and_settings_that_do_not_depend_on_the_device(name: str) -> None:
    pytest.importorskip("swift_f0")
    task = make_task(name, TaskOptions(device="cpu"))
    assert task.name == name
    assert task.settings() == make_task(name, TaskOptions(device="auto", offline=True)).settings()


def test_other_models_and_languages_are_other_settings() -> None:
    plain, german = (make_task("transcribe", TaskOptions(language=language)) for language in (None, "de"))
    assert plain.settings() != german.settings()
    assert plain.settings() != make_task("transcribe", TaskOptions("builtin")).settings()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("align", TaskOptions("offline"), "--preset is for"),
        ("separate", TaskOptions(model="sung.en"), "--model does not go with --task separate"),
        ("separate", TaskOptions(separator="none"), "does not take songs apart"),
        ("chords", TaskOptions(language="de"), "--language does not go with --task chords"),
        ("sing", TaskOptions(), "Known tasks: transcribe"),
    ],
)
def test_options_that_do_not_fit_are_refused(name: str, options: TaskOptions, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_task(name, options)
    assert message in f"{caught.value} {caught.value.hint}"
