"""The colours of confidence: amber, magenta, blue, which darken evenly and so suit colour-blind readers, too."""

from __future__ import annotations

_STOPS = ((0xF5, 0xA6, 0x23), (0xD0, 0x48, 0x7C), (0x43, 0x38, 0xCA))

UNKNOWN = "#888888"
"""The colour of words without a confidence."""

DOUBT = "#b3261e"
"""The colour of marks for doubtful and unplaced lines."""


def confidence_colour(confidence: float | None) -> str:
    """The colour of a confidence, clipped to 0 to 1, as `#rrggbb`."""
    if confidence is None:
        return UNKNOWN
    place = min(max(confidence, 0.0), 1.0) * (len(_STOPS) - 1)
    first = min(int(place), len(_STOPS) - 2)
    share = place - first
    mixed = (round(a + share * (b - a)) for a, b in zip(_STOPS[first], _STOPS[first + 1], strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
