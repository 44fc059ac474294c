"""A FROM names a model, or a file that only Ollama's own client uploads; and a model may lack its template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from showcase.engines.models import modelfile
from showcase.engines.models.loading import asked_num_ctx
from showcase.engines.models.templates import complaint, is_bare, remedy
from showcase.errors import UsageError
from showcase.evidence import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = Endpoint(address="127.0.0.1", port=7)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    (tmp_path / "Deep-Mem.Q4_K_M.GGUF").write_bytes(b"GGUF")
    (tmp_path / "weights").mkdir()
    (tmp_path / "plain").write_bytes(b"GGUF")
    return tmp_path


def written(directory: Path, text: str) -> modelfile.Modelfile:
    path = directory / "Modelfile"
    path.write_text(text, encoding="utf-8")
    return modelfile.read(path)


def refusal(found: modelfile.Modelfile) -> UsageError:
    with pytest.raises(UsageError) as caught:
        found.create_request("mine", endpoint=ELSEWHERE)
    return caught.value


@pytest.mark.parametrize("name", ["Deep-Mem.Q4_K_M.GGUF", "./Deep-Mem.Q4_K_M.GGUF", "plain", "weights", "weights/"])
def test_what_lies_beside_the_modelfile_is_given_to_the_client_that_uploads_it(beside: Path, name: str) -> None:
    said = refusal(written(beside, f"# mine\nFROM {name}\n"))
    assert f"Modelfile:2: FROM names a {'directory' if 'weights' in name else 'file'}" in said.message
    assert said.hint == f"OLLAMA_HOST=127.0.0.1:7 ollama create mine -f {beside / 'Modelfile'}"


@pytest.mark.parametrize(
    "name",
    ["Other.GGUF", "./other", "~/x.gguf", "/no/x", "models/llama-3-8b/", "model.safetensors", "C:\\models\\x", "..\\x"],
)
def test_a_file_that_is_not_there_is_no_model_to_pull(beside: Path, name: str) -> None:
    said = refusal(written(beside, f"FROM {name}\n"))
    assert "Modelfile:1: FROM names a " in said.message
    assert "none is there" in said.message
    assert "pull" not in said.hint
    assert "FROM qwen3:4b-instruct" in said.hint


@pytest.mark.parametrize("name", ["x@sha256:0123", "bad name!", "a/b/c/d/e", "-x", "http://127.0.0.1/x"])
def test_what_is_no_name_is_said_with_its_line(beside: Path, name: str) -> None:
    said = refusal(written(beside, f"\nFROM {name}\n"))
    assert "Modelfile:2: " in said.message
    assert "is no name of a model" in said.message
    assert "@" not in said.hint


@pytest.mark.parametrize(
    "name",
    ["hf.co/User/Deep-Mem-GGUF:Q4_K_M", "localhost:5000/me/m:v1", "registry.ollama.ai/library/m", "M", "m:7b-q4_K_M"],
)
def test_a_name_is_a_name(beside: Path, name: str) -> None:
    assert written(beside, f"FROM {name}\n").create_request("mine") == {"model": "mine", "from": name}


@pytest.mark.parametrize("text", ["FROM\n", "FROM \n", 'FROM ""\n', "FROM \t\r\n", "FROM \u00a0\n", "from \u200b\n"])
def test_a_from_without_a_value_is_said_with_a_model(text: str) -> None:
    with pytest.raises(UsageError, match=r"^Modelfile:1: FROM lacks its value") as caught:
        modelfile.parse(text)
    assert caught.value.hint == "FROM qwen3:4b-instruct"


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("FROM m\u00a0\nPARAMETER\u00a0num_ctx 4096\n", "PARAMETER num_ctx 4096"),
        ("FROM m\nPARAMETER num_ctx\u00a04096\n", "PARAMETER num_ctx 4096"),
        ("FROM m\nFROM\u00a0m\n", "FROM m"),
        ("FROM m\nSYSTEM\u2003Be brief.\n", "SYSTEM Be brief."),
    ],
)
def test_a_no_break_space_is_named_with_its_line_and_the_line_that_works(text: str, fix: str) -> None:
    with pytest.raises(UsageError, match=r"^Modelfile:2: U\+") as caught:
        modelfile.parse(text)
    assert caught.value.hint == f"write: {fix}"


def test_what_does_not_print_is_left_out_of_names_and_numbers_as_ollama_does_and_stays_in_texts() -> None:
    text = "FROM m\u00a0\nPARAMETER num_ctx 4096\u00a0\nPARAMETER stop \u00a0x\nSYSTEM Déjà\u00a0vu\u202f!\n"
    request = modelfile.parse(text).create_request("mine")
    assert request["from"] == "m"
    assert request["parameters"] == {"num_ctx": 4096, "stop": ["\u00a0x"]}
    assert request["system"] == "Déjà\u00a0vu\u202f!"


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ({"modelfile": "FROM a\nPARAMETER mirostat 2\nPARAMETER num_ctx 8192\n"}, 8192),
        ({"modelfile": "FROM a\nPARAMETER brand_new x\nPARAMETER num_ctx 8192\nPARAMETER top_p 7\n"}, 8192),
        ({"modelfile": "FROM a\nPARAMETER num_ctx 1\nPARAMETER num_ctx 8192\n"}, 8192),
        ({"modelfile": "NEWER x\nFROM a\n", "parameters": 'stop "num_ctx 7"\nnum_ctx    8192'}, 8192),
        ({"modelfile": "FROM a\nPARAMETER num_ctx many\n", "parameters": "num_ctx 8192"}, 8192),
        ({"parameters": "mirostat 0"}, None),
        ({"modelfile": None, "parameters": 5}, None),
    ],
)
def test_nothing_beside_it_hides_the_context_asked_for(shown: dict[str, Any], asked: int | None) -> None:
    assert asked_num_ctx(shown) == asked


BARE = "FROM a\nTEMPLATE {{ .Prompt }}\n"


@pytest.mark.parametrize(
    ("shown", "bare"),
    [
        ({"template": "{{ .Prompt }}", "capabilities": ["completion"]}, True),
        ({"template": "{{.Prompt}}"}, True),
        ({"template": "{{- .Prompt -}}\n"}, True),
        ({"modelfile": BARE}, True),
        ({"template": "{{ .System }}{{ .Prompt }}"}, False),
        ({"template": ""}, False),
        ({}, False),
        ({"template": "{{ .Prompt }}", "capabilities": ["embedding"]}, False),
        ({"template": "{{ .Prompt }}", "modelfile": f"{BARE}RENDERER qwen3-coder\n"}, False),
        ({"template": "{{ .Prompt }}", "renderer": "qwen3-coder"}, False),
    ],
)
def test_a_model_without_a_template_is_known_by_what_passes_the_prompt_on(shown: dict[str, Any], bare: bool) -> None:
    assert is_bare(shown) is bare


def test_what_to_do_about_it_is_asked_of_the_server_that_has_it() -> None:
    assert "deep-mem has no template for chats" in complaint("deep-mem:latest")
    assert "OLLAMA_HOST=127.0.0.1:7 ollama create deep-mem -f Modelfile" in remedy("deep-mem:latest", ELSEWHERE)
