"""Writes notes into a Chroma store: python writer.py STORE.

One line a note; Ctrl-D ends it (on Windows Ctrl-Z and Enter).
    + The bakery opens at six.      is added
    - The bakery opens at six.      is deleted
"""

import os
import re
import sys
import zlib

os.environ["CHROMA_API_IMPL"] = "chromadb.api.rust.RustBindingsAPI"  # files, never a server
import chromadb


def vector(text: str) -> list[float]:
    """Count the words of a text, each on one of 64 places: no model is needed to see what this lab shows."""
    places = [0.0] * 64
    for word in re.findall(r"\w+", text.lower()):
        places[zlib.crc32(word.encode()) % 64] += 1
    return places


def main() -> None:
    notes = chromadb.PersistentClient(path=sys.argv[1]).get_or_create_collection("notes", embedding_function=None)
    if sys.stdin.isatty():
        print("ready: one note a line")
    for line in sys.stdin:
        sign, _, text = line.strip().partition(" ")
        note = f"{zlib.crc32(text.encode()):08x}"
        if sign == "+":
            notes.upsert(ids=[note], documents=[text], embeddings=[vector(text)])
            print(f"added {note}")
        elif sign == "-":
            notes.delete(ids=[note])
            print(f"deleted {note}")
        print(flush=True)


main()
