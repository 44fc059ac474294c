"""Says what the three files are there for: my_claim.py LOG."""

import sys

name = sys.argv[1]
if "broken" in name:
    print("broken: a row of another user was recalled")
elif "unseen" in name:
    print("inconclusive: nothing was recalled")
else:
    print("upheld: every row is the user's own")
