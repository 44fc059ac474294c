"""What stands behind `--store`: what is a URL and what a directory, and what no URL may hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from showcase.errors import UsageError
from showcase.settings.store_address import StoreAddress, parse
from showcase.settings.store_place import default_store, place_of

ADDRESSES = [
    ("chroma://127.0.0.1:8001", StoreAddress(kind="chroma", host="127.0.0.1", port=8001)),
    (
        "CHROMA+HTTPS://Example.ORG./t/d/",
        StoreAddress(kind="chroma", host="example.org", port=8000, tls=True, database="t/d"),
    ),
    (
        "postgres://a%40b@localhost/x%20y/?collection=mine",
        StoreAddress(
            kind="postgresql",
            host="127.0.0.1",
            port=5432,
            user="a@b",
            database="x y",
            collection="mine",
            sslmode="disable",
        ),
    ),
    (
        "postgresql://me@[::1]:6000/db",
        StoreAddress(kind="postgresql", host="::1", port=6000, user="me", database="db", sslmode="disable"),
    ),
    (
        "POSTGRESQL://db.example.org",
        StoreAddress(kind="postgresql", host="db.example.org", port=5432, tls=True, sslmode="verify-full"),
    ),
    (
        "postgresql://10.0.0.7/?sslmode=disable",
        StoreAddress(kind="postgresql", host="10.0.0.7", port=5432, sslmode="disable"),
    ),
    ("qdrant://[2001:db8::7]/", StoreAddress(kind="qdrant", host="2001:db8::7", port=6333)),
    ("qdrant:C:\\stores\\mine", StoreAddress(kind="qdrant", path=Path("C:\\stores\\mine"))),
    ("qdrant:a b?collection=mine", StoreAddress(kind="qdrant", path=Path("a b"), collection="mine")),
    ("milvus:./here/", StoreAddress(kind="milvus", path=Path("here"))),
    ("rediss://me@h/0", StoreAddress(kind="redis", host="h", port=6379, tls=True, user="me")),
]

DIRECTORIES = [
    "here", "./chroma:8000", "/abs/chroma:8000", "C:\\Users\\me\\store", "C:/Users/me", "c:store", "\\\\server\\share",
    "", "name with spaces", "a:b", "http", "chroma", "postgresql", "Straße", "~/store", "file:x",
]  # fmt: skip

REFUSED = [
    ("postgresql://me:pw@h/db", "carries a password"),
    ("postgresql://me:p@ss@h/db", "carries a password"),
    ("postgresql://me:p/w@h/db", "carries a password"),
    ("postgresql://me:p#w@h/db", "carries a password"),
    ("postgresql://me:p?w@h/db", "carries a password"),
    ("postgresql://me:p%5Bw@h/db", "carries a password"),
    ("postgresql://me:@h/db", "carries a password"),
    ("postgresql://me@h/db?password=pw", "carries a password"),
    ("postgresql://me@h/db?sslmode=require&passfile=/pw", "carries a password"),
    ("redis://:pw@h", "carries a password"),
    ("chroma://pw@h", "carries a password"),
    ("qdrant://h?api_key=pw", "carries a password"),
    ("postgresql:/me:pw@h", "names no host"),
    ("https://me:pw@h", "no store that is known"),
    ("mongodb://h", "no store that is known"),
    ("milvus://h", "only Milvus Lite"),
    ("chroma:8000", "names no host"),
    ("postgresql://", "names no host"),
    ("postgresql:///db?host=/run", "names no host"),
    ("postgresql://me@/db", "names no host"),
    ("postgresql://h:0/db", "names no port"),
    ("postgresql://h:65536/db", "names no host and port"),
    ("postgresql://h:http/db", "names no host and port"),
    ("postgresql://::1/db", "names no host and port"),
    ("postgresql://[::1/db", "names no host and port"),
    ("postgresql://one,two/db", "neither a name nor an address"),
    ("postgresql://h%2f/db", "neither a name nor an address"),
    ("postgresql://h/a b", "a space"),
    ("postgresql://h/db\n", "a space"),
    (" postgresql://h/db", "a space"),
    ("postgresql://h\t/db", "a space"),
    ("postgresql://h/\x1b[2J", "a space"),
    ("postgresql://h\u202e/db", "cannot be seen"),
    ("postgresql://h/\udcff", "cannot be seen"),
    ("qdrant:\x07", "cannot be seen"),
    ("postgresql://h/a%0ab", "bytes that are no text"),
    ("postgresql://a%00@h/db", "bytes that are no text"),
    ("postgresql://a%ff@h/db", "bytes that are no text"),
    ("postgresql://h/db#x", "behind #"),
    ("postgresql://h/db?options=-c", "'options', which is not known"),
    ("postgresql://h/db?collection=one&collection=two", "one thing twice"),
    ("postgresql://h/db?sslmode=prefer", "leaves open whether it is TLS"),
    ("postgresql://h/db?sslmode=allow", "leaves open whether it is TLS"),
    ("chroma://h?sslmode=require", "not known"),
    ("postgresql://h/db?collection=ab", "no name of a collection"),
    ("postgresql://h/db?collection=a-b", "no name of a collection"),
    ("postgresql://h/db?collection=1ab", "no name of a collection"),
    ("postgresql://h/db?collection=" + "a" * 64, "no name of a collection"),
    ('postgresql://h/db?collection=a";drop', "no name of a collection"),
    ("postgresql://h/db?collection=", "no name of a collection"),
    ("qdrant://h/db", "no databases"),
    ("redis://h/1", "database 0 alone"),
    ("qdrant:", "names no path"),
    ("qdrant:http://h", "names no path"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_a_url_is_an_address_and_comes_back_from_what_is_shown_of_it(text: str, address: StoreAddress) -> None:
    assert parse(text) == address
    assert parse(str(address)) == address


@pytest.mark.parametrize("text", DIRECTORIES)
def test_what_is_no_url_is_a_directory(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_no_store_has_is_refused_in_words_without_a_password(text: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    said = f"{refused.value.message} {refused.value.hint}"
    assert why in said
    assert refused.value.hint
    assert said.isprintable(), "a URL may hold what steers a terminal"
    for secret in ("pw", "p@ss", "ss@", "p/w", "p#w", "p?w", "p%5Bw"):
        if secret in text:
            assert secret not in said


@pytest.mark.parametrize(
    ("text", "is_here"),
    [
        ("postgresql://localhost/db", True),
        ("postgresql://127.8.9.1/db", True),
        ("postgresql://[::1]/db", True),
        ("qdrant:dir", True),
        ("postgresql://0.0.0.0/db", False),
        ("postgresql://127.0.0.1.example.org/db", False),
        ("postgresql://localhost.example.org/db", False),
        ("postgresql://127.1/db", False),
        ("postgresql://2130706433/db", False),
        ("postgresql://192.168.0.1/db", False),
    ],
)
def test_only_what_is_loopback_by_its_number_is_on_this_machine(text: str, *, is_here: bool) -> None:
    address = parse(text)
    assert address is not None
    assert address.is_here is is_here


def test_the_variable_names_a_url_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("SHOWCASE_STORE", "postgresql://me@127.0.0.1/db")
    named = default_store()
    assert named == parse("postgresql://me@127.0.0.1/db")
    place = place_of(named)
    assert place.named == named
    assert tmp_path in place.home.parents
    other = parse("postgresql://me@127.0.0.1/db?collection=other")
    assert other is not None
    assert place_of(other).home != place.home, "two collections have a history each"
    monkeypatch.setenv("SHOWCASE_STORE", "./chroma:8000")
    assert default_store() == Path("chroma:8000")
