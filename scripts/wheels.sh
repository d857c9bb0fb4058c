#!/bin/sh
# Fill a folder with the wheels that the image is built from, for builds without a package index.
# Usage: scripts/wheels.sh FOLDER [PYTHON_VERSION], the version of Python in the image's base. EXTRAS as for the build.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
version=${2:-3.13}
cd "$(dirname "$0")/.."
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
"${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/python" -m pip download --quiet --disable-pip-version-check --dest "$folder" \
    --constraint constraints.txt --only-binary :all: --python-version "$version" ".[${EXTRAS:-controller},image]"
rm -f "$folder"/armada_render-*
