"""Finds notes in a Chroma store: python reader.py STORE.

One question a line; Ctrl-D ends it (on Windows Ctrl-Z and Enter). After each answer it prints an empty line.
"""

import os
import re
import sys
import zlib

os.environ["CHROMA_API_IMPL"] = "chromadb.api.rust.RustBindingsAPI"  # files, never a server
import chromadb


def vector(text: str) -> list[float]:
    """Count the words of a text, each on one of 64 places, as the writer does."""
    places = [0.0] * 64
    for word in re.findall(r"\w+", text.lower()):
        places[zlib.crc32(word.encode()) % 64] += 1
    return places


def main() -> None:
    notes = chromadb.PersistentClient(path=sys.argv[1]).get_or_create_collection("notes", embedding_function=None)
    if sys.stdin.isatty():
        print("ready: one question a line")
    for line in sys.stdin:
        found = notes.query(query_embeddings=[vector(line)], n_results=3)
        for note, text, distance in zip(found["ids"][0], found["documents"][0], found["distances"][0], strict=True):
            print(f"  query: {text}   (distance {distance:.0f}, id {note})")
        print(f"  count: {notes.count()}   get: {notes.get()['ids']}")
        print(flush=True)


main()
