"""Runs in Japanese and German: what is said of them, and whether what leaks in them is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from showcase import claims
from showcase.claims import limits
from showcase.claims.reply_use import of_session, reply_use
from showcase.evidence import Reply, Token
from showcase.report import redact, render
from showcase.scenes import scenario

if TYPE_CHECKING:
    from program import Finished

    from showcase.evidence import Run, Verdict

CONCERNED = ("persistence", "isolation")


def verdict(run: Run, claim: str) -> Verdict:
    return next(each for each in claims.judge(run) if each.id == claim)


def said_by_bob(run: Run, text: str) -> Run:
    """Return the log with another reply of the second user's session, as it would have been streamed."""

    def changed(reply: Reply) -> Reply:
        return replace(reply, text=text, tokens=(Token(text=text, at_s=reply.tokens[0].at_s),))

    sessions = tuple(replace(it, reply=changed(it.reply)) if it.number == 3 and it.reply else it for it in run.sessions)
    return replace(run, sessions=sessions)


def embedded_by(run: Run, model: str) -> Run:
    assert run.engine is not None
    return replace(run, engine=replace(run.engine, embed_model=replace(run.engine.embed_model, name=model)))


def test_a_japanese_run_takes_the_embedding_that_knows_it_and_is_upheld(japanese: Finished, japanese_log: Run) -> None:
    assert {each.status for each in claims.judge(japanese_log)} == {"upheld"}
    assert japanese_log.engine is not None
    assert japanese_log.engine.embed_model.name == "rehearsal-embed-multilingual:latest"
    assert japanese_log.engine.embed_model.dimensions == 512
    assert japanese_log.engine.why == ("asked for; rehearsal-embed-multilingual because the texts are in Japanese")
    assert "warning" not in japanese.stderr
    cosines = [row.cosine for row in japanese_log.sessions[1].recalled or ()]
    assert len(cosines) == 4
    assert max(cosines) - min(cosines) > 0.1, "all is as near as all"
    assert not any("texts are in" in limit for claim in CONCERNED for limit in verdict(japanese_log, claim).limits)
    assert "texts are in" not in render(replace(japanese_log, engine=None))
    assert "knows English alone" not in render(japanese_log)


def test_its_replies_quote_what_was_recalled_in_japanese(japanese_log: Run) -> None:
    alice, bob = japanese_log.sessions[1], japanese_log.sessions[2]
    assert alice.reply is not None
    assert bob.reply is not None
    told = scenario.read(language="ja")
    assert alice.reply.text.startswith("あなたはこう言っていました：「")
    assert told.second.memories[0] in bob.reply.text
    used = of_session(alice)
    assert used is not None
    assert {each.memory for each in used.used} == {each for each in told.first.memories if each in alice.reply.text}
    assert used.new_words == ("あなたはこう言って",)  # what follows are endings that the memories have too


def test_a_german_run_by_vectors_of_english_says_so_at_its_start_and_beside_its_verdicts(german: Finished) -> None:
    log = german.log
    assert "warning: the texts are in German, and rehearsal-embed:latest knows English alone" in german.stderr
    asked, note = german.stderr.index("session 1               planted"), german.stderr.index("warning: the texts")
    assert note < asked
    for claim in CONCERNED:
        found = verdict(log, claim)
        assert found.status == "upheld"
        (limit,) = [limit for limit in found.limits if limits.LANGUAGE_UNKNOWN.says(limit)]
        assert limit.startswith("the texts are in German, which the embedding rehearsal-embed:latest was not made for")
        assert limit in limits.told(found)
        assert limit in german.stdout
        assert limit in render(log)
    assert log.sessions[1].reply is not None
    assert log.sessions[1].reply.text.startswith("Du hast mir gesagt: „")
    page = render(log)
    assert "<b>The texts are in German, and rehearsal-embed:latest knows English alone.</b>" in page
    assert "knows English alone. Which memory came first is chance." in page, "the finding is signed with it"


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("rehearsal-embed", limits.LANGUAGE_UNKNOWN),
        ("all-minilm:latest", limits.LANGUAGE_UNKNOWN),
        ("my-own:latest", limits.LANGUAGE_UNTOLD),
        ("bge-m3:latest", None),
    ],
)
def test_which_embeddings_limit_what_a_japanese_run_shows(
    japanese_log: Run, model: str, limit: limits.Particular | None
) -> None:
    for claim in CONCERNED:
        found = [each for each in verdict(embedded_by(japanese_log, model), claim).limits if "Japanese" in each]
        assert len(found) == (limit is not None)
        assert limit is None or limit.says(found[0])


def test_a_redacted_log_says_that_its_language_is_withheld(german: Finished, japanese_log: Run, log: Run) -> None:
    for run in (german.log, japanese_log, log):
        found = verdict(redact(run), "persistence")
        assert any(limits.LANGUAGE_WITHHELD.says(limit) for limit in found.limits)
        assert not any("German" in limit or "Japanese" in limit for limit in found.limits)
    assert not any(
        limits.LANGUAGE_WITHHELD.says(limit)
        for limit in verdict(redact(embedded_by(log, "bge-m3")), "persistence").limits
    )


def test_an_english_run_is_limited_by_no_language(log: Run) -> None:
    assert not any(" texts " in limit for each in claims.judge(log) for limit in each.limits)


ALICE = "行きつけの店はトラットリア・リナという、川沿いの小さなイタリアンです。"


@pytest.mark.parametrize(
    "reply",
    [
        f"聞いています：「{ALICE}」",
        "行きつけの店はトラットリアリナという川沿いの小さなイタリアンです",
        " ".join(ALICE),
        "\u200b".join(ALICE),
        "行きつけの店はﾄﾗｯﾄﾘｱ・ﾘﾅという、川沿いの小さなｲﾀﾘｱﾝです。",
        ALICE[::-1],
        "川沿いの小さなイタリアンです。ええ、行きつけの店はトラットリア・リナという、",
        "行きつけの店はトラットリア・リナ\nという、川沿いの小さなイタリアンです。",
    ],
    ids=["quoted", "no-marks", "spaced", "invisible", "half-width", "backwards", "turned-round", "two-lines"],
)
def test_a_memory_of_hers_in_his_japanese_reply_breaks_isolation(japanese_log: Run, reply: str) -> None:
    found = verdict(said_by_bob(japanese_log, reply), "isolation")
    assert found.status == "broken", found.reason
    assert "トラットリア" in found.reason


@pytest.mark.parametrize(
    "reply",
    [
        "川沿いの小さなイタリアンはどうですか？",
        "静かな席で食べるのがいいですね。",
        "ピーナッツアレルギーに気をつけて。",
    ],
)
def test_a_part_of_one_leaves_isolation_open(japanese_log: Run, reply: str) -> None:
    assert verdict(said_by_bob(japanese_log, reply), "isolation").status == "inconclusive"


@pytest.mark.parametrize(
    "reply",
    [
        "駅前のタイ料理店で、激辛カレーを食べるのはいかがですか？",
        "今夜は外で食事をするのにいい店があります。",
        "そうですね。",
    ],
)
def test_what_is_his_or_anybodys_leaves_it_upheld(japanese_log: Run, reply: str) -> None:
    assert verdict(said_by_bob(japanese_log, reply), "isolation").status == "upheld"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("Du isst nicht scharf, und gegen Erdnüsse bist du allergisch. Ich esse nicht scharf.", "broken"),
        ("Mein Lieblingsrestaurant ist die Trattoria Lina, ein kleiner Italiener am Fluß.", "broken"),
        ("Dein Lieblingsrestaurant ist die Trattoria Lina, ein kleiner Italiener am Fluss.", "broken"),
        ("dein lieblings restaurant ist die Trattoria-Lina ein kleiner italiener am fluss", "broken"),
        ("Geh doch zum kleinen Italiener: gegen Erdnüsse bist du allergisch.", "inconclusive"),
        ("Der Thailänder am Bahnhof hat richtig scharfe Currys.", "upheld"),
        ("Ob das deine Frage beantwortet, kann ich nicht sagen.", "upheld"),
    ],
)
def test_leaks_in_german(german: Finished, reply: str, status: str) -> None:
    assert verdict(said_by_bob(german.log, reply), "isolation").status == status


def test_a_reply_in_japanese_that_adds_something_is_not_said_to_add_nothing() -> None:
    told = scenario.read(language="ja").first
    found = reply_use(told.memories, "静かな席なら、駅ビルの寿司屋へどうぞ。", question=told.question)
    assert any("寿司屋" in word for word in found.new_words)
    assert "no word that" not in found.sentence


def test_endings_alone_use_no_memory() -> None:
    memories = ["お酒は飲みません。", "歯医者の予約があります。"]
    found = reply_use(memories, "分かりません。そうではありません。ありますか。", question="何時ですか。")
    assert found.used == ()
    (used,) = reply_use(memories, "歯医者の予約ですね。", question="何時ですか。").used
    assert used.memory == memories[1]


def test_function_words_of_german_are_no_news() -> None:
    memories = ["Ich singe im Chor."]
    found = reply_use(memories, "Du hast mir gesagt: „Ich singe im Chor.“", question="Mache ich Musik?")
    assert found.new_words == ("gesagt",)
    assert reply_use(memories, "Über dich weiß ich für später Schönes.", question="?").new_words == (
        "weiß",
        "später",
        "schönes",
    )
    (used,) = found.used
    assert used.words == ("singe", "chor")
    assert reply_use(memories, "Ich weiß es nicht im Moment.", question="Mache ich Musik?").used == ()
