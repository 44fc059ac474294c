"""A conversation with a memory: what is recalled, the prompt that is built of it, the reply, and what is kept of it.

`chat` and `ask` are this at a terminal. `prompt` lays the prompt out, `recent` keeps earlier turns to a budget,
`conversation` plays a turn, `account` says afterwards why the reply could be what it is.
"""
