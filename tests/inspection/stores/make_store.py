"""Writes the store that `chroma-VERSION.sqlite3.gz` is the database of: run by a Python that has that Chroma.

python make_store.py DIRECTORY && gzip -9n DIRECTORY/chroma.sqlite3
"""

from __future__ import annotations

import sys

import chromadb
from chromadb.config import Settings

client = chromadb.PersistentClient(sys.argv[1], settings=Settings(anonymized_telemetry=False))
mem0 = client.get_or_create_collection("mem0", metadata={"hnsw:space": "cosine"})
for n in range(5):
    whose = {"user_id": "alice" if n < 3 else "bob", "data": f"likes tea {n}"}
    mem0.add(ids=[f"m{n}"], embeddings=[[float(n), 1.0, 2.0]], metadatas=[whose])
mem0.add(ids=["nobody"], embeddings=[[9.0, 9.0, 9.0]], metadatas=[{"data": "of nobody"}])
mem0.delete(ids=["m4"])
client.create_collection("empty")
written = client.create_collection("written", metadata={"hnsw:sync_threshold": 4, "hnsw:batch_size": 3})
for n in range(6):
    written.add(ids=[f"w{n}"], embeddings=[[float(n), 1.0]], metadatas=[{"user_id": 7}])
