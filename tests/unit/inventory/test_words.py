import re

import pytest

from armada_render.inventory import words
from armada_render.inventory.words import LabelWords, TaintWord, TaintWords


def test_names_come_before_changes() -> None:
    assert words.split(["one", "two", "a=b", "c-"]) == (("one", "two"), ("a=b", "c-"))
    assert words.split(["one"]) == (("one",), ())
    with pytest.raises(ValueError, match='name the clusters before the changes: "two"'):
        words.split(["one", "a:NoSchedule", "two"])


def test_labels_are_set_and_removed() -> None:
    assert words.labels(["a=b", "k8s.io/c=", "d-"]) == LabelWords(
        {"a": "b", "k8s.io/c": ""}, ("d",)
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a"], '"a" is no label: write KEY=VALUE, or KEY- to remove one'),
        (["a=b", "a=c"], "the label a is set twice"),
        (["a=b", "a-"], "the label a is both set and removed"),
        (["=b"], '"" is no key of a label: the name part must not be empty'),
        (["a b=c"], '"a b" is no key of a label'),
        (["a=b c"], 'the value "b c" of the label a must be empty or consist of'),
        (["a-=b"], '"a-" is no key of a label'),
    ],
)
def test_wrong_labels_are_refused(given: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        words.labels(given)


def test_taints_are_set_and_removed() -> None:
    assert words.taints(["a=b:NoExecute", "c:NoSchedule", "d:NoExecute-", "e-"]) == TaintWords(
        (TaintWord("a", "NoExecute", "b"), TaintWord("c", "NoSchedule")),
        (TaintWord("d", "NoExecute"), TaintWord("e")),
    )
    assert [str(taint) for taint in words.taints(["a=b:NoExecute", "e-"]).wanted] == [
        "a=b:NoExecute"
    ]
    assert str(TaintWord("e")) == "e"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ["a=b"],
            '"a=b" is no taint: write KEY=VALUE:EFFECT, or KEY- to remove one; the effect is',
        ),
        (
            ["a:PreferNoSchedule"],
            '"PreferNoSchedule" is no effect of a cluster\'s taint: use NoSche',
        ),
        (["a:-"], '"" is no effect of a cluster\'s taint'),
        (["a:NoSchedule", "a=b:NoSchedule"], "the taint a:NoSchedule is set twice"),
        (["a:NoSchedule", "a-"], "the taint a:NoSchedule is both set and removed"),
        (["a:NoSchedule", "a:NoSchedule-"], "the taint a:NoSchedule is both set and removed"),
        ([":NoSchedule"], '"" is no key of a taint'),
        (["a=ö:NoSchedule"], 'the value "ö" of the taint a must be empty'),
    ],
)
def test_wrong_taints_are_refused(given: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        words.taints(given)
