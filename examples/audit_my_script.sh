#!/usr/bin/env bash
# Runs a script where nothing but the model server exists, and says whom it tried to contact.
#
#   ./audit_my_script.sh                               audits chat_with_memory.py
#   ./audit_my_script.sh chat_with_chroma.py alice hi  audits what is given, with its arguments
#
# OLLAMA_HOST says where the model server is (127.0.0.1:11434 otherwise), PYTHON which Python runs the script. Log and
# page go to AUDITS (./audits otherwise). Both hold the command line, and with it the messages that are given there.
#
# chat_with_memory.py and chat_with_chroma.py are run as copies, in a directory beside log and page: what the audit tells
# them lies in a store there, and not in your memories. Any other script is run where it is, because it may need what
# lies around it, and remembers what it is told as it always does: give it a user who is nobody.
#
# Exit status: 0 nothing left and the script ended well; 1 something tried to leave, or else the script's own; 3 could
# not tell; 4 no seal on this system (Linux has one), or the script could not be started. Each time the reason is said.
# An Ollama server leaves it at 3 until its cloud part is off, because it would pass a prompt on by itself: start it
# with OLLAMA_NO_CLOUD=1. It has to run before the audit, and as you, or with sockets that you may see.
set -euo pipefail

python=${PYTHON:-python3}
if [ $# = 0 ]; then
  set -- "$(dirname "$0")/chat_with_memory.py" audit "My dog is called Biscuit." "What is my dog called?"
fi
script=$1
if [ ! -f "$script" ]; then
  echo "error: there is no script $script" >&2
  exit 2
fi

# Only the port is taken from OLLAMA_HOST: a server on another machine is what must not be contacted.
server=${OLLAMA_HOST:-}
port=11434
[[ $server == http://* ]] && port=80 # as Ollama's client reads an address without a port
named='^(http://)?([^]:/[]*|\[[0-9a-fA-F:]*\]):([0-9]+)(/.*)?$'
[[ $server =~ $named ]] && port=${BASH_REMATCH[3]}

showcase=(showcase)
command -v showcase >/dev/null || showcase=("$python" -m showcase)

kept=${AUDITS:-audits}/$(basename "$script")-$(date -u +%Y%m%dT%H%M%SZ)-$$
mkdir -p "$(dirname "$kept")"
case $(basename "$script") in
  chat_with_memory.py | chat_with_chroma.py) # the copy is kept: who removed it would have to outlive the audit
    mkdir -m 700 "$kept"
    cp -- "$script" "$kept"
    set -- "$kept/$(basename "$script")" "${@:2}"
    ;;
esac
case $script in
  *.py) set -- "$python" "$@" ;; # anything else is run as the program that it is
esac

# --pass-exit: a script that failed may have contacted nobody because it got nowhere. That must not look like a success.
exec "${showcase[@]}" audit --seal --pass-exit --allow "127.0.0.1:$port" --allow "[::1]:$port" \
  --log "$kept.json" --report "$kept.html" -- "$@"
