"""The commands there are."""

from __future__ import annotations

COMMANDS = {
    "run": "Run the three sessions, watch them, judge the claims, write log and page.",
    "scenario": "Write a scenario of your own, or check one without running it.",
    "chat": "Talk with a memory that lasts, turn by turn.",
    "ask": "Ask one question with a memory that lasts from one process to the next.",
    "verify": "Judge a run log again, offline, and compare with what it says.",
    "limits": "Say what no verdict covers, or all that those of a run log do not.",
    "report": "Render a run log as an HTML page.",
    "engine": "Start the rehearsal engine alone, or measure it.",
    "models": "List the models that are here; plan, create and check those that fit.",
    "doctor": "Look at this machine and say what would go wrong, and how to fix it.",
    "inspect": "Say what lies in a store, without changing it and without Chroma.",
    "drill": "Plant leaks and show which witness catches which.",
    "bench": "Measure prompts, memories, recall, growth, watching and erasing, on this machine.",
    "audit": "Run any command under the witnesses, and say what it tried to contact.",
    "memories": "List, search, add, forget, move, export and import the memories of a store.",
    "lab": "Labs for a workshop: predict, break something by hand, look at what is there.",
    "init": "Write chat scripts to copy from, and a test that audits them, into a directory.",
    "pack": "Write a stick for a room without internet: wheels, models, installers; or check one.",
    "glossary": "Say what a word of this program means.",
    "completion": "Print what makes your shell complete commands and options.",
}
"""Name to one line of help. A new command is a new file `showcase/cli/NAME.py` and a line here."""
