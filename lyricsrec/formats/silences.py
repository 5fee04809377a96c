"""Labels that mark silence, breath and noise, by the programs and data sets that use them."""

from __future__ import annotations

import re

_ANY_CASE = {
    # HTK, Julius: The HTK Book, 2.3.3 (sp and sil) and 12.2 (!ENTER and !EXIT); silB and silE in Julius' dictionaries.
    "HTK": ("sil", "sp", "!enter", "!exit", "!null", "sent-start", "sent-end", "<s>", "</s>", "silb", "sile"),
    # https://montreal-forced-aligner.readthedocs.io: silence, noise, and words without a pronunciation
    "MFA": ("<eps>", "spn", "<unk>", "[bracketed]", "<cutoff>", "[laughter]"),
    # https://www.bas.uni-muenchen.de/Bas/BasMAUS: pause, noise, unintelligible
    "MAUS": ("<p:>", "<p>", "<nib>", "<usb>", "<nib:>", "<usb:>"),
    # Wang et al., Opencpop (Interspeech 2022); Zhang et al., M4Singer (NeurIPS 2022), GTSinger
    "opencpop": ("<ap>", "<sp>", "<sil>", "<none>", "_none"),
    # Labels of NNSVS, Sinsy and Festival
    "HTS": ("pau", "<pau>", "<br>", "h#", "ssil", "brth"),
    # Kaldi's data preparation: spoken and other noise
    "Kaldi": ("<spn>", "<noise>", "<nsn>", "<laughter>", "[noise]", "[silence]", "[breath]", "<silence>"),
    # Buckeye and FAVE: noise, breath, laughter, cough, silence
    "FAVE": ("{ns}", "{br}", "{lg}", "{cg}", "{sl}", "{sil}", "<br/>"),
}
_EXACT = {
    # Upper case: breath (aspirate) and silence of opencpop; `ap` in lower case may be a word.
    "opencpop": ("AP", "SP"),
    # Lower case: breath of NNSVS; `BR` is an abbreviation.
    "HTS": ("br",),
}
_SILENT = frozenset(label for labels in _ANY_CASE.values() for label in labels)
_SILENT_EXACT = frozenset(label for labels in _EXACT.values() for label in labels)
_LETTER = re.compile(r"[^\W_]")


def is_silent(label: str) -> bool:
    """Whether a label marks silence: one of the table, or without a letter or digit."""
    bare = label.strip()
    return bare in _SILENT_EXACT or bare.casefold() in _SILENT or _LETTER.search(bare) is None
