"""A program that says what was seen before, and starts and asks nobody."""

import sys

print("small: status 200, {}")
print(f"{sys.argv[1] if len(sys.argv) > 1 else 'large-cloud'}: status 403, {{}}")
