"""The drill: leaks that are planted on purpose, to see which witness catches which.

`catalogue` names each leak and what every witness is expected to make of it, `plants` and `native` do it (in a
child, `child`), `decoys` are where it leads, `ground` is the namespace in which all of this happens, `exercise`
runs one leak under the witnesses, and `matrix` compares what came out with what was expected.
"""
