"""Draws the pictures of the documentation anew: the page of `lyricsrec serve`, a plot, a report, karaoke.

`python docs/make_pictures.py [page] [plot] [report] [karaoke]` needs the extras offline, web and test, and Chromium.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import av
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = Path(__file__).parent / "pictures"
SONG = ROOT / "examples" / "on_the_run_verse.flac"
ADDRESS = "http://127.0.0.1:8017"
LYRICSREC = (sys.executable, "-m", "lyricsrec")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def server(folder: Path) -> Iterator[None]:
    """`lyricsrec serve` with an empty folder of jobs."""
    command = [*LYRICSREC, "serve", "--no-open", "--port", ADDRESS.rpartition(":")[2], "--data", folder]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def answer(path: str) -> dict[str, object]:
    """What the server answers, as soon as it runs."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{ADDRESS}{path}") as response:
                return dict(json.load(response))
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(path)


def shrunk(path: Path) -> None:
    """Store a screenshot with 256 colours, which takes a third of the bytes."""
    Image.open(path).convert("RGB").quantize(256).save(path, optimize=True)
    print(path, f"{path.stat().st_size / 1000:.0f} kB")


def draw_page(browser: Browser) -> None:
    """The page with a song whose lyrics are done, during playback and while they are corrected."""
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    page.goto(ADDRESS)
    page.set_input_files("#files", SONG)
    page.click("#start")
    page.locator("#jobs .job", has_text="Ready").get_by_role("link").first.click(timeout=1_500_000)
    page.locator("#lyrics .word", has_text="know").first.click()
    page.wait_for_selector("#lyrics [data-sung=now]")
    page.screenshot(path=PICTURES / "page.png")
    page.click("#edit-button")
    page.locator("#lyrics .word", has_text="know").first.dblclick()
    page.wait_for_selector("#editor:visible")
    time.sleep(1.0)
    page.screenshot(path=PICTURES / "correct.png")


def draw_report(browser: Browser, folder: Path) -> None:
    """The page that `score` writes, for two systems."""
    for name in ("references", "offline", "builtin"):
        (folder / name).mkdir()
    shutil.copy(SONG.with_suffix(".txt"), folder / "references")
    for preset in ("offline", "builtin"):
        make(folder, "transcribe", SONG, "--preset", preset, "-o", f"{preset}/{SONG.stem}.json")
    make(folder, "score", "--ref", "references", "--hyp", "offline", "--hyp", "builtin", "-o", "report.html", "--quiet")
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    page.goto((folder / "report.html").as_uri())
    time.sleep(1.0)
    page.screenshot(path=PICTURES / "report.png")


def draw_plot(folder: Path) -> None:
    """Words over the spectrogram."""
    make(folder, "transcribe", SONG, "-f", "json", "-o", "verse.json")
    make(folder, "plot", SONG, "verse.json", "-o", PICTURES / "plot.png", "--to", "10")


def draw_karaoke(folder: Path) -> None:
    """The same moment of a karaoke video in each style, side by side."""
    make(folder, "align", SONG, SONG.with_suffix(".txt"), "-o", "verse.json", "--quiet")
    styles, width, height = ("clean", "stage", "paper"), 420, 236
    row = Image.new("RGB", (len(styles) * width, height))
    for number, style in enumerate(styles):
        make(folder, "karaoke", SONG, "verse.json", "--instrumental", SONG, "--style", style, "-o", f"{style}.mp4")
        with av.open(str(folder / f"{style}.mp4")) as video:
            frame = next(frame for frame in video.decode(video=0) if frame.time >= 2.6)
            row.paste(frame.to_image().resize((width, height), Image.Resampling.LANCZOS), (number * width, 0))
    row.save(PICTURES / "karaoke.png")


def make(folder: Path, *arguments: object) -> None:
    """Run `lyricsrec` in a folder."""
    print("lyricsrec", *arguments, flush=True)
    subprocess.run([*LYRICSREC, *map(str, arguments)], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def main(wanted: Sequence[str]) -> None:
    """Draw those that are wanted: page, plot, report, karaoke."""
    arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        if "plot" in wanted:
            draw_plot(folder)
        if "karaoke" in wanted:
            draw_karaoke(folder)
        if "page" in wanted:
            with server(folder / "jobs"):
                answer("/api/health")
                draw_page(browser)
        if "report" in wanted:
            draw_report(browser, folder)
        browser.close()
    for path in sorted(PICTURES.glob("*.png")):
        shrunk(path)


if __name__ == "__main__":
    main(sys.argv[1:] or ["page", "plot", "report", "karaoke"])
