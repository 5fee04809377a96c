"""Seconds as a clock shows them: the one formatter of times in files, messages and pictures."""

from __future__ import annotations


def clock(seconds: float, digits: int = 0, *, minute_digits: int = 1, hour_digits: int = 0, mark: str = ".") -> str:
    """`m:ss`, with `digits` decimals after `mark`, and a minus sign before times below zero.

    Minutes are padded with zeros to `minute_digits`. With `hour_digits` it is `h:mm:ss`, hours padded to that many
    digits; without, minutes run on past 59.
    """
    units = round(abs(seconds) * 10**digits)
    whole, fraction = divmod(units, 10**digits)
    minutes, rest = divmod(whole, 60)
    tail = f"{rest:02d}" + (f"{mark}{fraction:0{digits}d}" if digits else "")
    sign = "-" if seconds < 0 and units else ""
    if hour_digits:
        return f"{sign}{minutes // 60:0{hour_digits}d}:{minutes % 60:02d}:{tail}"
    return f"{sign}{minutes:0{minute_digits}d}:{tail}"
