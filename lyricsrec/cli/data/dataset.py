"""`lyricsrec dataset show` and `lyricsrec dataset shard`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import Screen, print_result

EXAMPLES = """
**Examples**

`lyricsrec dataset show dali/train.jsonl` prints the number of chunks, words and hours, and their distribution.

`lyricsrec dataset show dali/train.jsonl --chunk 0 --chunk 17 --output look/` writes two chunks as FLAC, text, and a \
picture of the audio with the words at their times.

`lyricsrec dataset show dali/train.jsonl --sample 5 --output look/` writes five random chunks.
"""


def show(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="Manifest: train.jsonl, songs.jsonl ...")],
    *,
    chunk: Annotated[
        list[str] | None,
        typer.Option(help="Chunk to write out: its id, or its number from 0; may be repeated."),
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="Number of random chunks to write out.")] = 0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed of --sample.")] = 0,
    audio: options.SoundFolders = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the audio, text and picture of the chunks.")
    ] = None,
    format_: Annotated[
        Literal["table", "json"], typer.Option("--format", "-f", help="Format of the statistics.")
    ] = "table",
) -> None:
    """Print the statistics of a manifest, and write out chunks to inspect."""
    from lyricsrec.cli.tables import print_table
    from lyricsrec.dataset.show import choose, statistics, write_chunk
    from lyricsrec.dataset.sound_folders import remember_sounds

    if (chunk or sample) and output is None:
        raise UsageError("--chunk and --sample need --output", "It is the folder for audio, text and pictures.")
    remember_sounds(manifest.parent, audio or ())
    figures = statistics(manifest)
    if format_ == "json":
        print_result(figures.to_json())
    else:
        print_table(str(manifest), ("", "number"), figures.totals)
        if figures.spread:
            print_table("Per chunk", ("", "shortest", "median", "longest"), figures.spread)
        for title, counts in figures.counts.items():
            print_table(title, ("", "number"), counts)
    if output is None:
        return
    with Screen(verbose=True) as screen:
        rows = choose(manifest, chunk or [], sample=sample, seed=seed)
        for number, row in enumerate(rows, 1):
            for path in write_chunk(row, manifest.parent, output):
                screen.note(f"wrote {path}")
            screen.update("chunks", number, len(rows))


SHARD_EXAMPLES = """
**Examples**

`lyricsrec dataset shard dali/ -o shards/` writes tar files of about 256 MiB from the training and validation split.

`lyricsrec train --data shards/ -o run/` trains on them, and so does `--data s3://bucket/shards` once they are copied \
there (`pip install 'lyricsrec[stream]'`).
"""


def shard(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Data set folder with manifests.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the shards; a new one.")],
    shard_mib: Annotated[
        int, typer.Option("--shard-mib", min=1, max=1 << 20, help="Size of a tar file in MiB, about.")
    ] = 256,
    split: Annotated[
        list[str] | None, typer.Option(help="Split to write; may be repeated. Default: train and validation.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed of the order of chunks.")] = 0,
    audio: options.SoundFolders = None,
    workers: options.Workers = None,
    verbosity: options.Verbosity,
) -> None:
    """Write a data set as large tar files (FLAC and a JSON row for each chunk) to train on from a disk or a URL.

    After an interruption, the same command goes on with the next tar file.
    """
    from lyricsrec.dataset.shards.write import ShardConfig, make_shards
    from lyricsrec.dataset.sound_folders import remember_sounds

    config = ShardConfig(tuple(dict.fromkeys(split or ShardConfig.splits)), shard_mib, seed)
    remember_sounds(dataset, audio or ())
    with verbosity.screen() as screen:
        index = make_shards(dataset, output, config, workers=workers, progress=screen)
        for name in config.splits:
            own = index.of_split(name)
            hours, size = sum(item.seconds for item in own) / 3600, sum(item.bytes for item in own)
            chunks = sum(item.chunks for item in own)
            screen.say(f"{name}: {chunks} chunks, {hours:.2f} hours, {size / 2**20:.1f} MiB in {len(own)} shards")
        if index.left_out:
            screen.warn(f"{len(index.left_out)} chunks are left out: their sound cannot be read")
