"""The pitch of the voice as a table: time, frequency and confidence of each frame."""

from __future__ import annotations

from lyricsrec.lyrics.transcript import Transcript


def write_pitch_table(transcript: Transcript) -> str:
    """CSV with the columns `time_s`, `hertz` (0 where nobody sings) and `confidence`."""
    rows = ["time_s,hertz,confidence"]
    if transcript.melody is not None:
        contour = transcript.melody.contour
        for frame, (hertz, confidence) in enumerate(zip(contour.hertz, contour.confidence, strict=True)):
            rows.append(f"{frame * contour.hop_s:.3f},{hertz:.2f},{confidence:.3f}")
    return "\n".join([*rows, ""])
