from lyricsrec.audio.files.timeline import Timeline


def placed(pieces: list[tuple[float | None, int]], **settings: bool) -> tuple[list[int], int]:
    timeline = Timeline(1000, **settings)
    return [timeline.place(time_s, length) for time_s, length in pieces], timeline.position


def test_pieces_that_follow_each_other() -> None:
    assert placed([(0.0, 100), (0.1, 100), (None, 100), (0.3, 50)]) == ([0, 0, 0, 0], 350)


def test_rounded_times_change_nothing_unless_packets_are_counted() -> None:
    assert placed([(0.0, 100), (0.14, 100), (0.18, 100)]) == ([0, 0, 0], 300)
    assert placed([(0.0, 100), (0.14, 100), (0.2, 100)], counts_samples=False) == ([0, 40, -40], 300)


def test_a_late_beginning_and_a_hole_are_gaps() -> None:
    assert placed([(3.0, 100), (3.1, 100), (7.2, 100)]) == ([3000, 0, 4000], 7300)
    assert placed([(0.02, 100)]) == ([20], 120)


def test_what_comes_too_early_overlaps() -> None:
    assert placed([(0.0, 500), (0.4, 500)]) == ([0, -100], 900)
    assert placed([(0.0, 500), (0.4, 50), (0.45, 100)]) == ([0, -50, 0], 600)
    assert placed([(-0.025, 20), (-0.005, 20), (0.015, 20)]) == ([-20, -5, 0], 35)


def test_a_clock_that_is_set_anew_leaves_no_hole() -> None:
    timeline = Timeline(1000)
    assert [timeline.place(t, 2000) for t in (0.0, 2.0, 0.0, 2.0)] == [0, 0, 0, 0]
    assert timeline.was_set_anew
    assert timeline.position == 8000
    assert placed([(0.0, 100), (5000.0, 100), (5000.1, 100)]) == ([0, 0, 0], 300)


def test_a_jump_of_a_transport_stream_is_no_hole() -> None:
    assert placed([(0.0, 100), (20.1, 100)]) == ([0, 20_000], 20_200)
    assert placed([(0.0, 100), (20.1, 100), (29.2, 100)], is_stream=True) == ([0, 0, 9000], 9300)


def test_beginning_at_a_time() -> None:
    timeline = Timeline(1000)
    timeline.start_at(7.3)
    assert timeline.place(7.3, 100) == 0
    assert (timeline.begin, timeline.position) == (7300, 7400)
