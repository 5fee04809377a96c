"""The request to process a song again: what should be different."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lyricsrec.web.failures import Refused
from lyricsrec.web.intake.form import MAX_LYRICS_BYTES
from lyricsrec.web.jobs.job import Kind


class AgainIn(BaseModel):
    """What should be different from the job before; fields that are left out are the same."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Kind | None = None
    preset: str | None = None
    language: str | None = Field(None, description="A language code; empty to detect the language.")
    lyrics: str | None = Field(None, max_length=MAX_LYRICS_BYTES, description="Lyrics to time, with kind `align`.")
    stems: bool | None = None


def read_again(body: bytes) -> dict[str, str]:
    """The fields that differ, as in the form of an upload; an empty body has none. Raises Refused if it is invalid."""
    try:
        wanted = AgainIn.model_validate_json(body or b"{}")
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the body"
        hint = "Send JSON with kind, preset, language, lyrics, stems."
        raise Refused(400, f"invalid request: {where}", hint) from None
    given = wanted.model_dump(exclude_none=True)
    if "stems" in given:
        given["stems"] = str(given["stems"]).lower()
    return given
