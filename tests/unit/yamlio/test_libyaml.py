"""PyYAML is brought in lightly and without harm to others in the process."""

import subprocess
import sys

import pytest

from armada_render import yamlio
from armada_render.yamlio import libyaml

OTHERS = """
import sys
import armada_render.yamlio
assert "yaml.constructor" not in sys.modules
import yaml
assert yaml.__with_libyaml__
assert yaml.safe_load("a: 1") == {"a": 1}
for text, error in (("a: ]", yaml.parser.ParserError), ("a: @", yaml.scanner.ScannerError),
                    ("\\x07", yaml.reader.ReaderError)):
    try:
        yaml.load(text, yaml.CSafeLoader)
    except error:
        continue
    raise SystemExit(f"{error} was not raised")
tokens = [type(token) for token in yaml.scan("", yaml.CLoader)]
assert tokens == [yaml.StreamStartToken, yaml.StreamEndToken]
assert type(yaml.compose("a", yaml.CLoader)) is yaml.ScalarNode
try:
    armada_render.yamlio.loads("a: [")
except armada_render.yamlio.YamlError:
    print("fine")
"""


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_others_in_the_process_get_the_whole_of_pyyaml() -> None:
    assert run(OTHERS) == "fine"


def test_it_works_when_pyyaml_was_there_before() -> None:
    code = "import yaml; from armada_render import yamlio; print(yamlio.loads('a: yes'))"
    assert run(code) == "{'a': True}"


def test_a_pyyaml_that_is_built_differently_starts_its_own_way() -> None:
    code = """
import sys
from importlib.machinery import ModuleSpec
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name == "yaml.events" and "yaml.constructor" not in sys.modules and refuse:
            refuse.clear()
            raise ImportError(name)
refuse = [1]
sys.meta_path.insert(0, Refuse())
from armada_render import yamlio
print(yamlio.loads("a: yes"), "yaml.constructor" in sys.modules)
"""
    assert run(code) == "{'a': True} True"


def test_without_libyaml_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libyaml, "_MODULE", None)
    with pytest.raises(yamlio.YamlError, match="PyYAML was installed without libyaml") as caught:
        yamlio.loads("a: 1")
    assert caught.value.line == 0
    assert "line" not in str(caught.value)
