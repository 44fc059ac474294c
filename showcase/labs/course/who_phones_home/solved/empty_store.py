"""A program that phones nobody, and leaves a file where a memory would be."""

from pathlib import Path

store = Path(__file__).resolve().parent / "store"
store.mkdir(exist_ok=True)
(store / "chroma.sqlite3").touch()
print("the memory is ready, and this program is done")
