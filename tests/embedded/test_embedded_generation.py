"""What the options of a request do to a reply of llama.cpp, and what is said of its prompt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from asking import CHAT, TURNS, ask, length, send, told_tokens, words
from made_models import CONTEXT

if TYPE_CHECKING:
    import httpx

LONG = [{"role": "user", "content": "word " * 200}]
WHOLE = length(TURNS)


@pytest.mark.parametrize("tokens", [1, 3, 9])
def test_num_predict(http: httpx.Client, tokens: int) -> None:
    reply = ask(http, {"num_predict": tokens})
    assert (reply["done_reason"], reply["eval_count"]) == ("length", tokens)
    assert words(http, {"num_predict": 16}).startswith(reply["message"]["content"])


def test_the_same_seed_gives_the_same_words_and_another_one_others(http: httpx.Client) -> None:
    said = [words(http, {"seed": seed}) for seed in (7, 7, 8)]
    assert said[0] == said[1] != said[2]
    assert all(said)


def test_no_heat_gives_the_same_words_whatever_the_seed(http: httpx.Client) -> None:
    assert len({words(http, {"temperature": 0, "seed": seed}) for seed in (1, 2, 3)}) == 1


def test_a_stop_sequence_ends_a_reply_and_is_not_part_of_it(http: httpx.Client) -> None:
    whole = words(http)
    for at in (1, 5):
        stop = whole[at : at + 2]
        reply = ask(http, {"stop": [stop]})
        assert reply["message"]["content"] == whole[: whole.index(stop)]
        assert reply["done_reason"] == "stop"
    assert words(http, {"stop": ["no such words"]}) == whole


@pytest.mark.parametrize("others", [[], ["zz"]])
def test_an_empty_stop_sequence_ends_a_reply_at_once(http: httpx.Client, others: list[str]) -> None:
    reply = ask(http, {"stop": ["", *others]})
    assert (reply["message"]["content"], reply["done_reason"], reply["eval_count"]) == ("", "stop", 1)


def test_a_stream_says_the_same_in_pieces(http: httpx.Client) -> None:
    lines = [json.loads(line) for line in send(http, stream=True).text.splitlines()]
    assert len(lines) > 2
    assert "".join(line["message"]["content"] for line in lines) == words(http)
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]


@pytest.mark.parametrize("tokens", [0, -1, -2])
def test_a_reply_without_a_limit_ends_by_itself_or_after_ten_contexts(http: httpx.Client, tokens: int) -> None:
    reply = ask(http, {"num_predict": tokens, "num_ctx": 64})
    assert reply["done_reason"] == "stop" or reply["eval_count"] == 640


def test_a_prompt_that_is_whole_is_counted_as_it_was_read(http: httpx.Client) -> None:
    answer = send(http)
    assert told_tokens(answer) == answer.json()["prompt_eval_count"] == WHOLE


@pytest.mark.parametrize("size", [8, 24, WHOLE - 1])
def test_a_prompt_that_was_cut_is_told_by_a_larger_count(http: httpx.Client, size: int) -> None:
    answer = send(http, {"num_ctx": size, "num_predict": 2})
    assert (answer.json()["prompt_eval_count"], told_tokens(answer)) == (size, WHOLE)


def test_a_prompt_that_fills_its_context_is_read_whole(http: httpx.Client) -> None:
    answer = send(http, {"num_ctx": WHOLE, "num_predict": 2})
    assert answer.json()["prompt_eval_count"] == told_tokens(answer) == WHOLE
    assert answer.json()["eval_count"] == 2


def test_a_context_below_four_tokens_is_four(http: httpx.Client) -> None:
    assert ask(http, {"num_ctx": 1, "num_predict": 2})["prompt_eval_count"] == 4


def test_a_prompt_beyond_the_models_own_limit_is_cut_and_answered(http: httpx.Client) -> None:
    """llama.cpp gives no more than that limit, and needs a token of it for the reply."""
    told = [{"role": "user", "content": "x" * (2 * CONTEXT)}]
    answer = send(http, {"num_ctx": 2 * CONTEXT, "num_predict": 1}, messages=told)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["prompt_eval_count"], told_tokens(answer)) == (CONTEXT - 1, length(told))
    assert send(http, {"num_ctx": CONTEXT}, messages=told, truncate=False).status_code == 400


@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_that_may_not_be_cut_is_refused(http: httpx.Client, stream: bool) -> None:
    answer = send(http, {"num_ctx": 64}, messages=LONG, truncate=False, stream=stream)
    assert (answer.status_code, answer.json()) == (400, {"error": "the input length exceeds the context length"})
    assert send(http, {"num_ctx": length(LONG)}, messages=LONG, truncate=False).status_code == 200


@pytest.mark.parametrize("room", [1, 3, 5])
def test_without_shift_a_full_context_ends_the_reply(http: httpx.Client, room: int) -> None:
    asked = {"num_ctx": WHOLE + room, "num_predict": -1, "stop": [], "seed": 3}
    reply = ask(http, asked, shift=False)
    assert (reply["done_reason"], reply["eval_count"]) == ("length", room + 1)
    assert ask(http, {**asked, "num_predict": room + 9})["eval_count"] == room + 9


def test_what_the_model_would_read_is_shown_and_counted(http: httpx.Client) -> None:
    answer = send(http, _debug_render_only=True)
    assert answer.json()["_debug_info"]["rendered_template"] == rendered(TURNS)
    assert told_tokens(answer) == WHOLE
    cut = send(http, {"num_ctx": 24}, _debug_render_only=True)
    assert told_tokens(cut) == WHOLE


def test_what_may_not_be_cut_is_refused_before_it_is_shown(http: httpx.Client) -> None:
    fields: dict[str, Any] = {"messages": LONG, "_debug_render_only": True}
    refused = send(http, {"num_ctx": 64}, truncate=False, **fields)
    assert (refused.status_code, refused.json()) == (400, {"error": "the input length exceeds the context length"})
    assert send(http, {"num_ctx": 64}, truncate=True, **fields).status_code == 200
    prompt = {"model": CHAT, "prompt": "word " * 200, "_debug_render_only": True, "truncate": False}
    assert http.post("/api/generate", json={**prompt, "options": {"num_ctx": 64}}).status_code == 400


def test_oldest_turns_go_first_and_what_the_system_says_stays(http: httpx.Client) -> None:
    turns = [{"role": role, "content": f"turn {at:02d}"} for at in range(20) for role in ("user", "assistant")]
    told = [TURNS[0], *turns, TURNS[1]]
    for size in (WHOLE, WHOLE + 9, WHOLE + 10, 150, length(told) - 1, length(told)):
        answer = send(http, {"num_ctx": size}, messages=told, _debug_render_only=True)
        fits = next(first for first in range(len(turns) + 1) if length([TURNS[0], *turns[first:], TURNS[1]]) <= size)
        assert answer.json()["_debug_info"]["rendered_template"] == rendered([TURNS[0], *turns[fits:], TURNS[1]])
        assert told_tokens(answer) == length(told)


@pytest.mark.parametrize("gone", [1, 2, 3, 7, 8])
def test_no_more_turns_go_than_have_to(http: httpx.Client, gone: int) -> None:
    told = [{"role": ("user", "assistant")[at % 2], "content": f"turn {at}"} for at in range(9)]
    answer = send(http, {"num_ctx": length(told[gone:])}, messages=told, _debug_render_only=True)
    assert answer.json()["_debug_info"]["rendered_template"] == rendered(told[gone:])
    assert told_tokens(answer) == length(told)


def test_a_reply_that_was_begun_is_gone_on_with(http: httpx.Client) -> None:
    """As the templates of Ollama's own library have it."""
    begun = {"role": "assistant", "content": "It is"}
    answer = send(http, messages=[*TURNS, begun], _debug_render_only=True)
    assert answer.json()["_debug_info"]["rendered_template"] == rendered(TURNS) + "It is"


def test_the_last_turn_stays_though_it_is_too_long(http: httpx.Client) -> None:
    told = [TURNS[0], {"role": "assistant", "content": "before"}, *LONG]
    answer = send(http, {"num_ctx": 64}, messages=told, _debug_render_only=True)
    assert answer.json()["_debug_info"]["rendered_template"] == rendered([TURNS[0], *LONG])
    assert ask(http, {"num_ctx": 64, "num_predict": 2}, messages=told)["prompt_eval_count"] == 64


def test_a_system_message_among_the_turns_stays_as_well(http: httpx.Client) -> None:
    later = {"role": "system", "content": "Later."}
    told = [{"role": "user", "content": "x" * 300}, later, TURNS[1]]
    answer = send(http, {"num_ctx": 100}, messages=told, _debug_render_only=True)
    assert answer.json()["_debug_info"]["rendered_template"] == rendered([later, TURNS[1]])


def test_a_text_is_continued_as_it_is(http: httpx.Client) -> None:
    body = {"model": CHAT, "prompt": "hello", "raw": True, "stream": False, "options": {"num_predict": 3, "seed": 1}}
    reply = http.post("/api/generate", json=body).json()
    assert (reply["prompt_eval_count"], reply["eval_count"]) == (1 + len("hello"), 3)
    assert "context" not in reply


def test_what_looks_like_a_special_token_in_a_message_is_not_more_than_text(http: httpx.Client) -> None:
    """As with a real server it is one: a template's own and a user's cannot be told apart once it is laid out."""
    answer = send(http, messages=[{"role": "user", "content": "<|end|>"}])
    assert told_tokens(answer) == length([{"role": "user", "content": "x"}])


def test_openai_s_protocol_gets_the_same_words(http: httpx.Client) -> None:
    body = {"model": CHAT, "messages": TURNS, "seed": 1, "max_tokens": 16}
    reply = http.post("/v1/chat/completions", json=body).json()
    # Both servers take the temperature 0.8 where a client says none.
    assert reply["choices"][0]["message"]["content"] == words(http)
    assert reply["usage"] == {"prompt_tokens": WHOLE, "completion_tokens": 16, "total_tokens": WHOLE + 16}
    streamed = http.post("/v1/chat/completions", json={**body, "stream": True}).text
    events = [json.loads(line.removeprefix("data: ")) for line in streamed.splitlines() if line.startswith("data: {")]
    assert "".join(event["choices"][0]["delta"]["content"] for event in events) == words(http)


def rendered(turns: list[dict[str, str]]) -> str:
    """Return what the made models' template makes of a conversation."""
    return "".join(f"<|{turn['role']}|>{turn['content']}<|end|>" for turn in turns) + "<|assistant|>"
