"""Edits of files that people wrote: what they touch, and what they refuse."""

import difflib
import json
from typing import Any

import pytest

from armada_render.yamlio import YamlError
from armada_render.yamlio.edit import REMOVE, Change, Path, edited

CLUSTER = """\
# the first one
---
apiVersion: cluster.karmada.io/v1alpha1   # Karmada's own
kind: Cluster
metadata:
    name: 'pegasus'
    labels: {}   # none yet
spec:

    # where it stands
    region: "us-east-1" # Virginia
    zones:
    - us-east-1a   # first
    - us-east-1b
    # what keeps workloads away
    taints:
    # until Monday
    - key: maintenance
      value: "1"
      effect: NoSchedule
    - {key: gpu, effect: NoExecute}  # for good
--- # another one
apiVersion: v1
kind: ConfigMap
metadata: {name: beside}
...
"""
MAINTENANCE = {"key": "maintenance", "value": "1", "effect": "NoSchedule"}
GPU = {"key": "gpu", "effect": "NoExecute"}
UPKEEP = {"key": "upkeep", "effect": "NoSchedule"}


def edit(text: str, *path: str | int, to: Any, line: int = 3, within: Path = ()) -> str:
    return edited(text.encode(), [Change(path, to)], line=line, within=within).decode()


def changed(text: str, *path: str | int, to: Any, line: int = 3, within: Path = ()) -> list[str]:
    """Return the lines that an edit takes away (-) and adds (+)."""
    after = edit(text, *path, to=to, line=line, within=within)
    difference = difflib.unified_diff(text.splitlines(), after.splitlines(), n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in [*difference][2:] if line[0] in "+-"]


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        (("spec", "region"), "eu", [
            '-     region: "us-east-1" # Virginia',
            '+     region: "eu" # Virginia',
        ]),
        (("metadata", "name"), "it's", ["-     name: 'pegasus'", "+     name: 'it''s'"]),
        (("kind",), "true", ["- kind: Cluster", '+ kind: "true"']),
        (("spec", "provider"), "aws", ["+     provider: aws"]),
        (("spec", "zones", 1), "c", ["-     - us-east-1b", "+     - c"]),
        (("spec", "zones"), ["new", "us-east-1a", "us-east-1b"], ["+     - new"]),
        (("spec", "zones"), ["us-east-1b"], ["-     - us-east-1a   # first"]),
        (("spec", "zones"), ["us-east-1a", "us-east-1b", "on"], ['+     - "on"']),
        (("spec", "taints"), [MAINTENANCE, GPU, UPKEEP], [
            "+     - key: upkeep",
            "+       effect: NoSchedule",
        ]),
        (("spec", "taints", 1, "value"), "a, b", [
            "-     - {key: gpu, effect: NoExecute}  # for good",
            '+     - {key: gpu, effect: NoExecute, value: "a, b"}  # for good',
        ]),
        (("spec", "taints", 1, "effect"), REMOVE, [
            "-     - {key: gpu, effect: NoExecute}  # for good",
            "+     - {key: gpu}  # for good",
        ]),
        (("spec", "taints", 1, "key"), REMOVE, [
            "-     - {key: gpu, effect: NoExecute}  # for good",
            "+     - {effect: NoExecute}  # for good",
        ]),
        (("spec", "taints", 0, "key"), REMOVE, [
            "-     - key: maintenance",
            '-       value: "1"',
            '+     - value: "1"',
        ]),
        (("spec", "taints", 0), "none", [
            "-     - key: maintenance",
            '-       value: "1"',
            "-       effect: NoSchedule",
            "+     - none",
        ]),
        (("spec", "zones", 0), {"name": "a", "at": [1]}, [
            "-     - us-east-1a   # first",
            "+     - name: a",
            "+       at:",
            "+       - 1   # first",
        ]),
        (("metadata", "labels"), {"env": "stage", "tier": "yes"}, [
            "-     labels: {}   # none yet",
            "+     labels:   # none yet",
            "+         env: stage",
            '+         tier: "yes"',
        ]),
        (("spec", "zones"), [], [
            "-     zones:",
            "-     - us-east-1a   # first",
            "-     - us-east-1b",
            "+     zones: []",
        ]),
        (("spec", "zones"), {"all": True}, [
            "-     - us-east-1a   # first",
            "-     - us-east-1b",
            "+         all: true",
        ]),
        (("spec", "region"), {"name": "eu"}, [
            '-     region: "us-east-1" # Virginia',
            "+     region: # Virginia",
            "+         name: eu",
        ]),
        (("status", "resourceSummary", "allocatable"), {"cpu": "4"}, [
            "+ status:",
            "+     resourceSummary:",
            "+         allocatable:",
            '+             cpu: "4"',
        ]),
        (("spec", "nothing", "here"), REMOVE, []),
        (("spec", "region"), "us-east-1", []),
    ],
)  # fmt: skip
def test_an_edit_touches_the_lines_that_say_it(path: Path, value: Any, lines: list[str]) -> None:
    assert changed(CLUSTER, *path, to=value) == lines


def test_taints_that_are_gone_leave_their_own_comments() -> None:
    after = edit(CLUSTER, "spec", "taints", to=[GPU])
    assert (
        "    taints:\n    # until Monday\n    - {key: gpu, effect: NoExecute}  # for good\n"
        in after
    )
    assert edit(CLUSTER, "spec", "taints", to=REMOVE).count("# what keeps workloads away\n---") == 1


def test_comments_stay_with_their_item() -> None:
    text = "taints:\n# one\n- key: a # a\n# two\n- key: b # b\n# three\n- key: c\n"
    a, b, c, d = ({"key": key} for key in "abcd")
    for wanted, after in (
        ([a, d, b, c], text.replace("# a\n", "# a\n- key: d\n")),
        ([b, c, d], text.replace("- key: a # a\n", "") + "- key: d\n"),
        ([a, d, c], text.replace("- key: b # b\n", "- key: d\n")),
        ([c, a], "taints:\n# one\n- key: c\n- key: a # a\n# two\n# three\n"),
        ([d, a, b, c], text.replace("- key: a", "- key: d\n- key: a")),
    ):
        assert edit(text, "taints", to=wanted, line=1) == after
    with_value = edit(text, "taints", to=[a, {**b, "value": "x"}, c], line=1)
    assert with_value == text.replace("# b\n", "# b\n  value: x\n")


def test_several_changes_make_one_edit() -> None:
    changes = [
        Change(("metadata", "labels", "env"), "stage"),
        Change(("metadata", "labels", "tier"), "edge"),
        Change(("spec", "taints"), REMOVE),
        Change(("spec", "zones"), REMOVE),
        Change(("spec", "region"), REMOVE),
    ]
    after = edited(CLUSTER.encode(), changes, line=3).decode()
    assert "    labels:   # none yet\n        env: stage\n        tier: edge\nspec: {}\n" in after


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_endings_and_the_byte_order_mark_stay(newline: str, mark: str) -> None:
    text = mark + CLUSTER.replace("\n", newline)
    added = edit(text, "spec", "taints", to=[MAINTENANCE, GPU, UPKEEP])
    assert added.replace(newline, "\n").count("\r") == 0
    assert added.startswith(mark)
    assert edit(added, "spec", "taints", to=[MAINTENANCE, GPU]) == text
    filled = edit(text, "metadata", "labels", to={"a": "b"})
    assert filled.count(newline) == text.count(newline) + 1
    assert edit(filled, "metadata", "labels", to={}) == text


def test_a_file_without_a_last_line_break_gets_none() -> None:
    assert edit("a: 1\nb: 2", "c", to=3, line=1) == "a: 1\nb: 2\nc: 3"
    assert edit("a: 1\nb: 2", "b", to=REMOVE, line=1) == "a: 1"
    assert edit("a: 1\r\nb: 2", "b", to=REMOVE, line=1) == "a: 1"
    assert edit("a:\nb:", "b", to="x", line=1) == "a:\nb: x"


def test_an_empty_value_is_filled() -> None:
    text = "spec: # later\n  taints:\n  zones:\n  -\n  - # none\n"
    assert edit(text, "spec", "taints", to=[GPU], line=1) == (
        "spec: # later\n  taints:\n  - key: gpu\n    effect: NoExecute\n  zones:\n  -\n  - # none\n"
    )
    assert edit(text, "spec", "taints", to="x", line=1).split("\n")[1] == "  taints: x"
    assert edit(text, "spec", "zones", 1, to="x", line=1).split("\n")[4] == "  - x # none"
    assert edit(text, "spec", "zones", 0, to=GPU, line=1).split("\n")[3:5] == [
        "  - key: gpu",
        "    effect: NoExecute",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("spec:\n- a:\n    b: 1\n", "    c: x"),
        ("spec:\n    - a:\n          b: 1\n", "          c: x"),
        ("spec:\n   - a:\n       b: 1\n", "       c: x"),
    ],
)
def test_indentation_is_that_of_the_neighbours(text: str, line: str) -> None:
    assert edit(text, "spec", 0, "a", "c", to="x", line=1) == text + line + "\n"


def test_lists_are_indented_as_others_of_the_document() -> None:
    text = "one:\n- 1\n"
    assert edit(text, "two", to=[2], line=1) == "one:\n- 1\ntwo:\n- 2\n"
    text = "one:\n    - 1\n"
    assert edit(text, "two", to=[2], line=1) == "one:\n    - 1\ntwo:\n    - 2\n"
    assert edit("one: 1\n", "two", to=[2], line=1) == "one: 1\ntwo:\n  - 2\n"


OBJECT = {
    "metadata": {"name": "pegasus", "labels": {}},
    "spec": {"zones": ["a"], "taints": [GPU], "region": None},
}


@pytest.mark.parametrize("indent", [None, 1, 2, 4])
def test_json_stays_json_of_the_same_form(indent: int | None) -> None:
    text = json.dumps({"kind": "List", "items": [{"a": 1}, OBJECT]}, indent=indent)
    changes = [
        Change(("metadata", "labels", "env"), "stage"),
        Change(("spec", "taints"), [UPKEEP, GPU, MAINTENANCE]),
        Change(("spec", "region"), "eu"),
        Change(("spec", "new"), {"list": [1, [], {}], "no": "yes"}),
    ]
    after = edited(text.encode(), changes, line=1, within=("items", 1)).decode()
    wanted = {
        "metadata": {"name": "pegasus", "labels": {"env": "stage"}},
        "spec": {
            "zones": ["a"],
            "taints": [UPKEEP, GPU, MAINTENANCE],
            "region": "eu",
            "new": {"list": [1, [], {}], "no": "yes"},
        },
    }
    assert after == json.dumps({"kind": "List", "items": [{"a": 1}, wanted]}, indent=indent)
    back = [
        Change(("metadata", "labels"), {}),
        Change(("spec", "taints"), [GPU]),
        Change(("spec", "region"), None),
        Change(("spec", "new"), REMOVE),
    ]
    assert edited(after.encode(), back, line=1, within=("items", 1)).decode() == text


def test_brackets_over_several_lines() -> None:
    text = "a: {\n  b: 1, # one\n  c: 2 # two\n}\nd: [\n  x,\n  z, # last\n]\n"
    assert edit(text, "a", "e", to=3, line=1) == text.replace("c: 2 # two", "c: 2, # two\n  e: 3")
    assert edit(text, "a", "c", to=REMOVE, line=1) == text.replace(", # one\n  c: 2", "")
    assert edit(text, "d", to=["x", "z", "w"], line=1) == text.replace("# last", "# last\n  w,")
    assert edit(text, "d", to=["x", "w", "z"], line=1) == text.replace("  z", "  w,\n  z")


def test_lists_of_lists() -> None:
    text = "a:\n- - 1\n  - 2\n- - 3\n"
    assert edit(text, "a", 0, to=[2], line=1) == "a:\n- - 2\n- - 3\n"
    assert edit(text, "a", 0, to=[1, 2, 4], line=1) == "a:\n- - 1\n  - 2\n  - 4\n- - 3\n"
    assert edit(text, "a", to=[[1, 2]], line=1) == "a:\n- - 1\n  - 2\n"
    assert edit(text, "a", to=[[1, 2], {"b": []}], line=1) == "a:\n- - 1\n  - 2\n- b: []\n"


def test_strings_that_are_not_plain_words() -> None:
    for value in ("a\nb", "\x85\u2028", "a: b #", "\x1b[31m", "- x", "é", "1e3", ""):
        for old in ("plain", "'one'", '"two"', "|\n  three", "null", "[four]"):
            text = f"a: {old}\nb: 1\n"
            assert edit(text, "a", to=value, line=1).endswith("b: 1\n")


REFUSED = "cannot be edited without changing more"


@pytest.mark.parametrize(
    ("text", "path", "value", "message"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("c", "b"), 2, "comes from an alias or a merge"),
        ("a: &x {b: 1}\nc: *x\n", ("c", "d"), 2, "comes from an alias"),
        ("a: &x {b: 1}\nc: *x\n", ("a", "b"), 2, REFUSED),
        ("a: &x 1\nc: *x\n", ("a",), 2, REFUSED),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", ("c", "b"), 2, "comes from an alias or a merge"),
        ("a: 1\n", ("a", "b"), 2, "what is above it is no map"),
        ("a: [1]\n", ("a", 7), 2, "there is no item 7"),
        ("a: [1]\n", ("a", "b"), 2, "there is no item 'b'"),
        ("a: |+\n  text\n\n\n", ("b",), 2, REFUSED),
        ("a: 1\n", (), {"b": 1, "c": 2}, None),
        ("a: 1\n", (), [], "a whole document is not replaced"),
        ("? a\n: 1\n? b\n: 2\n", ("b",), REMOVE, 'keys that begin with "'),
    ],
)  # fmt: skip
def test_what_cannot_be_edited_is_refused(
    text: str, path: Path, value: Any, message: str | None
) -> None:
    if message is None:
        assert edit(text, *path, to=value, line=1) == "b: 1\nc: 2\n"
        return
    with pytest.raises(YamlError, match=message) as refusal:
        edit(text, *path, to=value, line=1)
    assert "secret" not in str(refusal.value)


def test_a_file_that_changed_meanwhile_is_refused() -> None:
    with pytest.raises(YamlError, match="line 2, column 0: no document begins here any more"):
        edit(CLUSTER, "a", to=1, line=2)


def test_files_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(YamlError, match="only files in UTF-8 can be edited"):
        edited("a: é".encode("utf-16"), [Change(("b",), 1)], line=1)


def test_notation_that_only_kubectl_reads_is_refused() -> None:
    text = 'a: "it\\\'s"\n'
    with pytest.raises(YamlError, match="can be read but not edited by program"):
        edit(text, "b", to=1, line=1)
