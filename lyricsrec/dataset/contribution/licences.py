"""Which licences let others pass on a sound file."""

from __future__ import annotations

import re
from typing import Literal

Sharing = Literal["yes", "whole", "no"]

_FREE = re.compile(r"(?:cc[\s-]*)?(?:0|zero)(?:[\s-]*1\.0)?|public[\s-]*domain|pd|cc[\s-]*pdm?", re.IGNORECASE)
_CC = re.compile(r"(?:cc[\s-]+)?by((?:[\s-]+(?:nc|sa|nd))*)(?:[\s-]+[1-4]\.\d)?(?:[\s-]+[a-z]{2,4})?", re.IGNORECASE)


def sharing_of(licence: str) -> Sharing:
    """Whether a file under a licence may be passed on, and only "whole" where changes are not allowed.

    Only Creative Commons and the public domain are known; of every other licence the answer is no.
    """
    text = " ".join(licence.replace("_", "-").split())
    if _FREE.fullmatch(text):
        return "yes"
    match = _CC.fullmatch(text)
    if match is None:
        return "no"
    return "whole" if "nd" in re.split(r"[\s-]+", match[1].lower()) else "yes"
