"""The Dockerfile, as far as a text can be checked; tests/long/image builds and runs it."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

from armada_render.version import __version__

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_base_is_pinned_by_digest() -> None:
    assert re.search(r"^ARG BASE=\S+:\S+@sha256:[0-9a-f]{64}$", DOCKERFILE, re.MULTILINE)
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    stages = re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE)
    assert set(bases) - {"${BASE}", "scratch"} <= set(stages)


def test_the_version_is_the_programs() -> None:
    assert f'org.opencontainers.image.version="{__version__}"' in DOCKERFILE


def test_the_context_holds_what_is_copied_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = set()
    for arguments in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        copied.update(arguments.split()[:-1])
    assert allowed == copied
    assert all((ROOT / name).exists() for name in copied)
    compiled = [rule for rule in rules[1:] if not rule.startswith("!")]
    assert any(fnmatchcase("**/__pycache__", rule) for rule in compiled)
