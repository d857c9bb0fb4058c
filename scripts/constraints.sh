#!/bin/sh
# Renew constraints.txt: resolve everything anew in a throw-away environment.
set -eu
cd "$(dirname "$0")/.."
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade -e '.[dev,bench,long]'
{
    echo "# Pinned versions of everything that is installed; renewed by scripts/constraints.sh."
    "$venv/bin/python" -m pip freeze --exclude-editable --exclude armada-render
} >constraints.txt
