"""Imports point one way: doors, use cases, pipeline, stages, values, base. And the doors open fast."""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lyricsrec"
LAYERS = [
    {
        "version",
        "errors",
        "progress",
        "hub",
        "languages",
        "catalogue",
        "workers",
        "figures",
        "fingerprint",
        "text_encoding",
        "timing_fit",
    },
    {
        "audio",
        "text",
        "lyrics",
        "transcript",
        "emission",
        "ctc_path",
        "hypothesis",
        "formats",
        "models",
        "sound_files",
        "edits",
        "tuning",
        "lyrics_sheet",
        "lrc",
        "subtitles",
        "labels",
        "segments",
        "textgrid",
        "retiming",
        "plot.colours",
        "plot.layout",
        "scoring.figures",
        "training.launch",
        "training.signals",
    },
    {"output", "config", "media", "device", "lm.config", "lm.counts", "lm.folder", "plot.config", "training.config"},
    {
        "segment",
        "lines",
        "verify",
        "lm.kneser_ney",
        "lm.arpa",
        "lm.word_list",
        "language_model",
        "search_frames",
    },
    {"alignment.config", "alignment.alphabet", "alignment.graph"},
    {"alignment.scores", "alignment.marginals", "alignment.walk", "alignment.placement", "alignment.gaps"},
    {"alignment.align"},
    {"alignment.heard"},
    {"prefix_search", "lexicon_search", "letter_search"},
    {
        "recognize",
        "separate",
        "acoustic",
        "ctranslate2_file",
        "decode",
        "stems",
        "training.labels",
        "training.settings_file",
    },
    {"search_process", "hearing", "timer"},
    {"center", "demucs", "ctc", "whisper_decoder", "whisper_search", "whisper_evidence", "whisper", "whisper_ctc"},
    {"pipeline"},
    {"build", "inputs", "plot.backdrop", "plot.sound"},
    {"plot.page", "plot.picture"},
    {"dataset.annotation", "dataset.dali_check", "dataset.dali_pickle", "dataset.manifest", "dataset.split"},
    {"dataset.dali", "dataset.ultrastar", "dataset.jamendolyrics", "dataset.chunks", "dataset.audio_files"},
    {"dataset.dali_export", "dataset.chunk_audio", "dataset.held_out", "dataset.dali_edit", "training.augment"},
    {"dataset.sources", "lm.texts", "lm.emissions", "training.examples", "lyrics_file", "dataset.ultrastar_edit"},
    {"dataset.song", "lm.evaluate", "training.batches", "lyrics_rewrite", "verify_report"},
    {"dataset.journal", "dataset.report", "lm.grid_search"},
    {"dataset.plots", "lm.plots"},
    {
        "scoring.protocol",
        "scoring.words",
        "scoring.timing",
        "scoring.separation",
        "scoring.bootstrap",
        "scoring.memory",
    },
    {"scoring.layout", "scoring.label_timing", "scoring.loudness", "scoring.sung", "scoring.sound"},
    {"scoring.entry", "scoring.song", "scoring.table", "scoring.report_file"},
    {"scoring.manifests", "scoring.mask", "scoring.system", "scoring.compare", "scoring.cache", "scoring.true_stems"},
    {"scoring.references", "scoring.by_song", "scoring.conditions", "scoring.drawing", "scoring.glossary"},
    {"scoring.song_plots"},
    {"scoring.plots"},
    {"scoring.page"},
    {"training.chance", "training.checkpoint", "training.metrics", "training.parts", "training.learner"},
    {"training.module", "training.optimizer", "training.curves", "training.readings_page"},
    {"training.guard", "training.validate", "training.recorder", "training.run_state"},
    {"training.engine"},
    {"training.run"},
    {"batch", "doctor", "dataset.prepare", "dataset.show", "lm.build", "lm.tune", "plot.draw", "plot.transcripts"},
    {"scoring.hear"},
    {"scoring.score"},
    {"scoring.systems"},
    {"web.config", "web.job", "web.folder", "web.pipelines", "web.child", "web.migrate", "web.migrations.env"},
    {"web.store", "web.presets", "web.examine", "web.migrations.versions.v0001_jobs"},
    {"web.expiry", "web.heartbeat", "web.probe", "web.peaks", "web.playable"},
    {"web.worker", "web.supervisor", "web.failures", "web.schemas", "web.hold", "web.patience", "web.page"},
    {"web.security", "web.uploads", "web.edits", "web.events"},
    {"web.intake"},
    {"web.service"},
    {"web.routes"},
    {"web.results"},
    {"web.app"},
    {"cli", "__main__"},
]
# Packages whose modules have layers of their own; of others, the whole package has one.
OPEN_PACKAGES = {"alignment", "dataset", "lm", "plot", "scoring", "training", "web"}
IN_PACKAGES = {name for layer in LAYERS for name in layer if "." in name}
LIGHT = {"pipeline", "batch", "inputs", "separate", "decode", "recognize", "stems", "search_process", "timer"}
LEARNING = {name for name in IN_PACKAGES if name.startswith("training.")} - {"training.config"}
WITHOUT_TORCH = set().union(*LAYERS[:5], IN_PACKAGES, LIGHT) - LEARNING


def imported(path: Path, *, at_top: bool = False) -> set[str]:
    """Names of the package's modules (first part) and of outside packages that a file imports."""
    tree = ast.parse(path.read_text("utf-8"))
    names = set()
    nodes = tree.body if at_top else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def layered(name: str) -> str:
    """The name by which LAYERS knows a module, without the package's: "dataset.dali", but "cli" for all of it."""
    first, _, rest = name.partition(".")
    return f"{first}.{rest}" if first in OPEN_PACKAGES and rest else first


def module_of(path: Path) -> str:
    return layered(".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"))


def test_every_module_has_its_layer() -> None:
    modules = {module_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__"} - OPEN_PACKAGES
    assert modules == set().union(*LAYERS)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    level = {name: i for i, layer in enumerate(LAYERS) for name in layer}
    if (me := module_of(path)) in {"__init__"} | OPEN_PACKAGES:
        return
    used = {
        layered(name.removeprefix("lyricsrec."))
        for name in imported(path, at_top=True)
        if name.startswith("lyricsrec.")
    }
    assert not {name for name in used if level[name] > level[me]}


@pytest.mark.parametrize("name", sorted(WITHOUT_TORCH))
def test_values_and_doors_import_no_torch_at_the_top(name: str) -> None:
    heavy = ("torch", "torchaudio", "transformers", "demucs", "faster_whisper", "matplotlib")
    assert not [
        used for used in imported(PACKAGE / f"{name.replace('.', '/')}.py", at_top=True) if used.split(".")[0] in heavy
    ]


def test_files_are_small() -> None:
    long = {
        path.name: lines for path in PACKAGE.rglob("*.py") if (lines := len(path.read_text("utf-8").splitlines())) > 330
    }
    assert not long


def test_help_imports_no_torch_and_answers_fast() -> None:
    code = "import sys; sys.argv = ['lyricsrec', '--help']\nfrom lyricsrec.cli import main\ntry:\n    main()\n"
    code += "except SystemExit as e:\n    assert not e.code\n"
    code += "assert not {'torch', 'transformers', 'demucs'} & set(sys.modules)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=PACKAGE.parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert b"transcribe" in done.stdout
    # Processor time, since others use the machine, too; well under half a second of it on a free one.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
