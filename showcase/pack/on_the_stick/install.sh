#!/bin/sh
# Installs from this stick, without any network: sh install.sh [DIRECTORY] [--no-models]
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
for version in @PYTHONS@; do
  if "python$version" -c 'pass' >/dev/null 2>&1; then exec "python$version" "$here/install.py" "$@"; fi
done
# One of another version says itself what is missing.
for python in python3 python; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 7))' >/dev/null 2>&1; then
    exec "$python" "$here/install.py" "$@"
  fi
done
echo "error: no Python was found here, and this stick has wheels for Python @PYTHONS@" >&2
echo "  fix: install one of these (python.org, or the packages of this system), then the same command again" >&2
exit 1
