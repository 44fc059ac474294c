"""The chat at a terminal: a session, the commands it knows, and who reads and shows its lines.

`session` plays turns, `commands` is the table from which help and completion are made, `incognito` proves that a turn
wrote nothing, `line_history` keeps what was typed. `terminal` reads lines with prompt_toolkit, `plain` without.
"""
