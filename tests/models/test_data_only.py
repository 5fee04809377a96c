"""Model folders that name code or other repositories."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.models.data_only import check_data_only


@pytest.mark.parametrize(
    ("name", "document", "message"),
    [
        ("config.json", {"auto_map": {"AutoConfig": "evil.C"}}, "'auto_map' names code to run"),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.T", None]}}, "'auto_map' names code"),
        ("preprocessor_config.json", {"auto_map": {"AutoFeatureExtractor": "a/b--evil.F"}}, "'auto_map' names code"),
        ("config.json", {"custom_pipelines": {"x": {"impl": "evil.P"}}}, "'custom_pipelines' names code"),
        ("config.json", {"trust_remote_code": True}, "'trust_remote_code' names code"),
        ("config.json", {"_attn_implementation": "owner/kernel"}, "is 'owner/kernel', not eager or sdpa"),
        ("config.json", {"attn_implementation": "flash_attention_2"}, "is 'flash_attention_2', not eager or sdpa"),
        ("config.json", {"_attn_implementation": {"": "eager", "encoder": "owner/kernel"}}, "not eager or sdpa"),
        ("config.json", {"encoder": [{"deep": {"_attn_implementation": "owner/kernel"}}]}, "not eager or sdpa"),
        ("adapter_config.json", {"base_model_name_or_path": "owner/name"}, "names another model to fetch"),
    ],
)
def test_code_and_repositories_are_refused_by_name(
    tmp_path: Path, name: str, document: dict[str, object], message: str
) -> None:
    (tmp_path / name).write_text(json.dumps(document))
    with pytest.raises(ModelError, match=message) as caught:
        check_data_only(tmp_path)
    assert name in str(caught.value)


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "", "\ud800".encode("utf-8", "surrogatepass").decode("latin1")])
def test_damaged_settings_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text, "latin1")
    with pytest.raises(ModelError, match=r"config\.json: broken JSON"):
        check_data_only(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("config.json", "[]", "not a JSON object, but a list"),
        ("special_tokens_map.json", "null", "not a JSON object, but null"),
        ("tokenizer.json", '{"x', "broken JSON"),
        ("vocab.json", "{}", "no symbols"),
        ("vocab.json", '{"A": "x"}', "'A' has no valid number, but 'x'"),
        ("vocab.json", '{"eng": {"A": -1}}', "'A' has no valid number, but -1"),
        ("vocab.json", '{"A": true}', "'A' has no valid number, but True"),
    ],
)
def test_files_of_another_shape_are_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ModelError, match=re.escape(f"{name}: {message}")):
        check_data_only(tmp_path)


def test_settings_without_code_pass(tmp_path: Path) -> None:
    settings = {"model_type": "wav2vec2", "_attn_implementation": "sdpa", "auto_map": {}, "_name_or_path": "owner/name"}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    (tmp_path / "vocab.json").write_text(json.dumps({"auto_map": 7, "eng": {"A": 0}}))
    check_data_only(tmp_path)
