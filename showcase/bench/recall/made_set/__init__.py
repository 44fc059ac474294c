"""A set of facts and questions that is ours: made by code from a seed and from word lists, dedicated to the public.

The word lists and every set made from them are under CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/):
anybody may use, change and publish them without asking.
"""
