"""A writer that is killed in the middle of a write, and leaves its journal behind. Its argument is the database."""

CUT_OFF = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma cache_size = 1")
database.execute("begin immediate")
database.execute("create table padding (a)")
for number in range(100):
    database.execute("insert into padding values (?)", ("x" * 4000,))
os.kill(os.getpid(), signal.SIGKILL)
"""
