#!/bin/sh
# Make .venv with the pinned dependencies and the package. Usage: scripts/setup.sh demo|dev|long
set -eu
cd "$(dirname "$0")/.."
want=${1:-demo}
venv=${VENV:-.venv}
stamp=$venv/.installed-$want

say() { printf 'armada-render setup: %s\n' "$*" >&2; }

fresh() { # is the stamp newer than what it depends on?
    [ -f "$1" ] && [ -z "$(find pyproject.toml constraints.txt -newer "$1")" ]
}
case $want in # each holds what those before it hold
    demo) enough="demo dev long" extra= ;;
    dev) enough="dev long" extra='[dev]' ;;
    long) enough="long" extra='[dev,long]' ;;
    *) say "usage: scripts/setup.sh demo|dev|long"; exit 2 ;;
esac
for level in $enough; do
    if fresh "$venv/.installed-$level"; then exit 0; fi
done

python=${PYTHON:-}
if [ -z "$python" ]; then
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
fi
if [ -z "$python" ]; then
    found=$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || echo none)
    say "Python 3.11 or newer is needed, found: $found. Install it, or name one with PYTHON=/path/to/python3."
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "$python is not Python 3.11 or newer."
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    say "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"
    exit 1
fi

if [ ! -x "$venv/bin/python" ]; then
    "$python" -m venv "$venv" || { rm -rf "$venv"; say "making $venv failed"; exit 1; }
fi
say "installing into $venv (a minute, the first time)"
if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable ".$extra"; then
    say "pip could not install the dependencies; the lines above say why"
    exit 1
fi
touch "$stamp"
