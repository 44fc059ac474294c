"""A child's environment comes from an allowlist, and what is forced cannot be overridden."""

from __future__ import annotations

from pathlib import Path

from showcase.processes import environment

HOSTILE = {
    "PATH": "/usr/bin",
    "LC_ALL": "C.UTF-8",
    "MEM0_TELEMETRY": "True",
    "mem0_telemetry": "True",
    "HTTP_PROXY": "http://192.0.2.1:3128",
    "https_proxy": "http://192.0.2.1:3128",
    "ALL_PROXY": "socks5://192.0.2.1",
    "NO_PROXY": "example.org",
    "OLLAMA_API_KEY": "secret",
    "OLLAMA_HOST": "http://192.0.2.1",
    "CHROMA_OTEL_COLLECTION_ENDPOINT": "http://192.0.2.1",
    "CHROMA_OTEL_GRANULARITY": "all",
    "OPENAI_API_KEY": "secret",
    "OPENAI_BASE_URL": "http://192.0.2.1",
    "MEM0_DIR": "/home/somebody/.mem0",
    "HF_HUB_DISABLE_TELEMETRY": "False",
    "PYTHONPATH": "/somewhere",
    "PYTHONSTARTUP": "/somewhere",
    "LD_PRELOAD": "/somewhere.so",
    "MY_SECRET_NOTE": "private",
}


def test_what_weakens_the_audit_is_left_out_and_named() -> None:
    built, facts = environment.build(HOSTILE, mem0_home=Path("out/mem0_home"))
    assert "secret" not in built.values()
    assert not [name for name in built if name.upper().endswith("_PROXY") and name != "NO_PROXY"]
    assert not [name for name in built if name.startswith(("OPENAI_", "CHROMA_", "OLLAMA_"))]
    assert {"HTTP_PROXY", "https_proxy", "OLLAMA_API_KEY", "CHROMA_OTEL_GRANULARITY"} <= set(facts.left_out)


def test_what_is_forced_wins() -> None:
    built, _ = environment.build(HOSTILE, mem0_home=Path("out/mem0_home"))
    assert built["MEM0_TELEMETRY"] == "False"
    assert built["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert built["MEM0_DIR"] == str(Path("out/mem0_home"))
    assert built["NO_PROXY"] == "*"
    assert "mem0_telemetry" not in built


def test_what_the_user_s_log_says_is_not_the_user_s_business() -> None:
    _, facts = environment.build(HOSTILE, mem0_home=Path("/home/somebody/out/mem0_home"))
    assert "MY_SECRET_NOTE" not in facts.left_out
    assert "somebody" not in repr(facts)
    assert {"PATH", "LC_ALL"} == set(facts.kept)
