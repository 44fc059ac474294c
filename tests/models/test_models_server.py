"""Creating, loading and counting, against recorded answers of a real server and against the rehearsal engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from showcase.engines.models.creation import create_model
from showcase.engines.models.loading import asked_num_ctx, check_model, first_that_loads
from showcase.engines.models.modelfile import parse
from showcase.engines.ollama import OllamaGate
from showcase.engines.ollama_models import OllamaModels, Progress
from showcase.engines.refusals import is_memory_failure
from showcase.errors import EngineError, ModelError, UsageError
from showcase.evidence import Endpoint, LoadedModel, Message, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Player

TINY = Model(name="tiny-chat:latest", size_bytes=6_939_706)
TUNED = parse("FROM tiny-chat\nPARAMETER num_ctx 16384\nPARAMETER temperature 0.1\n")
QUESTION = (Message(role="user", content="What is my dog called?"),)


@pytest.fixture
def server(player: Player) -> Iterator[OllamaModels]:
    models = OllamaModels(player.endpoint)
    yield models
    models.close()


def ignore(_: Progress) -> None:
    pass


def test_create_sends_what_the_modelfile_says_and_reports_each_step(server: OllamaModels, player: Player) -> None:
    player.play("create-from")
    steps: list[str] = []
    made = create_model(server, [TINY], TUNED, tag="tuned-mem", on_progress=lambda step: steps.append(step.status))
    assert player.asked == [
        (
            "/api/create",
            {
                "model": "tuned-mem",
                "from": "tiny-chat",
                "parameters": {"num_ctx": 16384, "temperature": 0.1},
            },
        )
    ]
    assert (made.tag, made.base, made.pulled) == ("tuned-mem", "tiny-chat", False)
    assert steps[-1] == "success"
    assert len(steps) == 5


def test_another_context_replaces_the_one_in_the_modelfile(server: OllamaModels, player: Player) -> None:
    player.play("create-from")
    create_model(server, [TINY], TUNED, tag="t", num_ctx=8192, on_progress=ignore)
    assert player.asked[0][1]["parameters"] == {"num_ctx": 8192, "temperature": 0.1}


def test_a_missing_base_is_said_with_its_size_and_nothing_is_asked_of_the_server(
    server: OllamaModels, player: Player
) -> None:
    wanted = parse("FROM qwen3:4b-instruct\n")
    with pytest.raises(ModelError, match=r"download it \(2\.5 GB\)") as caught:
        create_model(server, [TINY], wanted, tag="qwen3-4b-mem", on_progress=ignore)
    assert caught.value.hint.startswith("ollama pull qwen3:4b-instruct")
    assert player.asked == []


def test_a_download_that_fails_inside_a_stream_is_an_error(server: OllamaModels, player: Player) -> None:
    player.play("pull-no-network")
    with pytest.raises(EngineError, match="reports an error for qwen3:4b: pull model manifest"):
        create_model(server, [TINY], parse("FROM qwen3:4b\n"), tag="t", pull=True, on_progress=ignore)
    assert [path for path, _ in player.asked] == ["/api/pull"]


def test_a_wrong_parameter_never_reaches_the_server(server: OllamaModels, player: Player) -> None:
    wrong = parse("FROM tiny-chat\nPARAMETER num_ctx many\n")
    with pytest.raises(UsageError, match="num_ctx must be a whole number of tokens, not 'many'"):
        create_model(server, [TINY], wrong, tag="t", on_progress=ignore)
    assert player.asked == []


def test_a_cloud_model_is_no_base(server: OllamaModels, player: Player) -> None:
    cloud = Model(name="gpt-oss:120b-cloud", remote=True)
    with pytest.raises(ModelError, match="leaves this machine"):
        create_model(server, [cloud], parse("FROM gpt-oss:120b-cloud\n"), tag="t", on_progress=ignore)
    assert player.asked == []


@pytest.mark.parametrize("recording", ["create-bad-name", "create-no-from"])
def test_what_the_server_refuses_is_said_in_its_words(server: OllamaModels, player: Player, recording: str) -> None:
    player.play(recording)
    with pytest.raises(EngineError, match=r"answered 400 for tiny-chat: (invalid model name|neither 'from')"):
        create_model(server, [TINY], TUNED, tag="bad name!", on_progress=ignore)


def test_a_stream_that_ends_early_is_no_success(server: OllamaModels, player: Player) -> None:
    player.say(200, {"status": "writing manifest"})
    with pytest.raises(EngineError, match="broke off while working on tiny-chat: writing manifest"):
        create_model(server, [TINY], TUNED, tag="t", on_progress=ignore)


def test_a_lowered_context_is_seen(server: OllamaModels, player: Player) -> None:
    player.play("show-created", "chat-load-only", "ps-created")
    gate = OllamaGate(player.endpoint)
    found = check_model(server, gate.loaded, Model(name="tuned-mem:latest", size_bytes=6_939_706))
    gate.close()
    assert (found.asked_num_ctx, found.context_length, found.lowered) == (16384, 8192, True)
    assert found.actual_bytes == 23_135_232
    assert found.predicted_bytes == 6_939_706 + 16 * 2**20
    assert abs(found.predicted_bytes - 23_135_232) < 0.03 * 23_135_232


def test_a_model_that_is_not_in_memory_after_its_load_is_said(server: OllamaModels, player: Player) -> None:
    player.play("show-chat", "chat-load-only")

    def none_loaded() -> tuple[LoadedModel, ...]:
        return ()

    with pytest.raises(ModelError, match="not among the models in memory"):
        check_model(server, none_loaded, TINY)


def test_emptied_lists_are_asked_for_again(server: OllamaModels, player: Player) -> None:
    player.say(200, {"model_info": {"x.attention.head_count_kv": []}})
    player.say(200, {"model_info": {"x.attention.head_count_kv": [1] * 48}})
    assert len(server.show("x")["model_info"]["x.attention.head_count_kv"]) == 48
    assert player.asked[1][1] == {"model": "x", "verbose": True}


@pytest.mark.parametrize(
    ("modelfile", "asked"),
    [("FROM a\nPARAMETER num_ctx 16384\n", 16384), ("FROM a\n", None), ("FROM a\nPARAMETER bogus 1\n", None)],
)
def test_the_context_asked_for_is_read_from_the_server(modelfile: str, asked: int | None) -> None:
    assert asked_num_ctx({"modelfile": modelfile}) == asked


def test_a_prompt_is_counted_uncut(server: OllamaModels, player: Player) -> None:
    player.play("chat-once", "chat-too-long-no-truncate", "chat-missing-model", "chat-load-only")
    counted = server.count("tiny-chat", QUESTION)
    assert counted is not None
    assert counted > 0
    assert server.count("tiny-chat", QUESTION) is None
    with pytest.raises(ModelError, match="is not there"):
        server.count("tiny-chat", QUESTION)
    with pytest.raises(EngineError, match="does not count"):
        server.count("tiny-chat", QUESTION)
    body = player.asked[0][1]
    assert body["truncate"] is False
    assert body["options"] == {"num_predict": 1}


def test_a_load_that_fails_for_memory_falls_one_rung_down(server: OllamaModels, player: Player) -> None:
    words = "model requires more system memory (5.8 GiB) than is available (3.1 GiB)"
    player.say(500, {"error": words})
    player.play("chat-load-only")
    tag, steps = first_that_loads(["gemma3-4b-mem", "qwen2-5-1-5b-mem", "llama3-2-1b-mem"], server.misfit)
    assert tag == "qwen2-5-1-5b-mem"
    assert [(step.tag, step.outcome) for step in steps] == [
        ("gemma3-4b-mem", "does not fit"),
        ("qwen2-5-1-5b-mem", "loaded"),
    ]
    assert steps[0].reason == words


def test_no_rung_may_load_and_another_failure_is_not_taken_for_memory(server: OllamaModels, player: Player) -> None:
    player.say(500, {"error": "cudaMalloc failed: out of memory"})
    assert first_that_loads(["a"], server.misfit)[0] is None
    player.say(500, {"error": "llama runner process has terminated: exit status 2"})
    with pytest.raises(EngineError, match="exit status 2"):
        first_that_loads(["a", "b"], server.misfit)
    player.say(500, {"error": "model requires more system memory (2 GiB) than is available (1 GiB)"})
    with pytest.raises(ModelError, match="does not fit into memory"):
        server.load("a")


def test_memory_failures_are_told_from_others() -> None:
    assert not is_memory_failure("model 'memory' not found")


def test_no_server_is_an_engine_error(free_endpoint: Endpoint) -> None:
    nobody = OllamaModels(free_endpoint)
    with pytest.raises(EngineError, match="no server answers"):
        nobody.load("a")
    nobody.close()


def test_the_rehearsal_engine_creates_and_counts(rehearsal: Endpoint) -> None:
    server, gate = OllamaModels(rehearsal), OllamaGate(rehearsal)
    try:
        tuned = parse("FROM rehearsal\nPARAMETER num_ctx 512\n")
        create_model(server, gate.models(), tuned, tag="rehearsal-small", on_progress=ignore)
        assert "rehearsal-small:latest" in {model.name for model in gate.models()}
        assert asked_num_ctx(server.show("rehearsal-small")) == 512
        long = (Message(role="user", content="word " * 600),)
        counted = server.count("rehearsal", long)
        assert counted is not None
        assert counted > 600
        assert server.count("rehearsal-small", long) is None
    finally:
        gate.close()
        server.close()
