import pytest

from lyricsrec.base.clock import clock


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (clock(0), "0:00"),
        (clock(59.6), "1:00"),
        (clock(7384.5), "123:04"),
        (clock(83.456, 2), "1:23.46"),
        (clock(59.996, 2, minute_digits=2), "01:00.00"),
        (clock(3723.4567, 3, hour_digits=2, mark=","), "01:02:03,457"),
        (clock(3723.4567, 2, hour_digits=1), "1:02:03.46"),
        (clock(-1.25, 2), "-0:01.25"),
        (clock(-0.001, 2), "0:00.00"),
    ],
)
def test_clock(shown: str, expected: str) -> None:
    assert shown == expected
