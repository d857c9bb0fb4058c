from typing import Any

import pytest

from armada_render.errors import InputError
from armada_render.inventory import words
from armada_render.inventory.change import (
    Outcome,
    applied,
    cordoned,
    labeled,
    tainted,
    uncordoned,
)
from armada_render.load import MemorySource, load
from armada_render.model.cluster import Cluster, Taint
from armada_render.yamlio import dumps
from tests.support.objects import cluster

FILE = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata:
  name: one
  labels: # by hand
    env: stage
spec:
  taints:
  # until Monday
  - {key: upkeep, effect: NoSchedule, value: ""}
  - key: gpu
    effect: NoExecute
    timeAdded: "2026-01-01T00:00:00Z"
"""


def read(text: str = FILE) -> Cluster:
    fleet = load(MemorySource({"one.yaml": text})).fleet
    assert fleet.problems == ()
    return fleet.clusters[0]


def label(*given: str, overwrite: bool = False) -> Any:
    return labeled(read(), words.labels(given), overwrite=overwrite)


def taint(*given: str, overwrite: bool = False) -> Any:
    return tainted(read(), words.taints(given), overwrite=overwrite)


def after(outcome: Any, text: str = FILE) -> str:
    return applied(text.encode(), read(text), outcome).decode()


def test_labels_as_kubectl_sets_them() -> None:
    assert after(label("tier=edge")) == FILE.replace("stage\n", "stage\n    tier: edge\n")
    assert after(label("env-")) == FILE.replace(
        "labels: # by hand\n    env: stage", "labels: {} # by hand"
    )
    assert label("tier=edge").word == "labeled"
    assert label("env-").word == "unlabeled"
    assert label("env=stage").word == "not labeled"
    assert label("tier-") == label("env=stage", "tier-")
    assert label("tier-").notes == ('label "tier" not found.',)
    assert after(label("env=stage")) == FILE


def test_another_value_needs_overwrite() -> None:
    with pytest.raises(InputError) as refusal:
        label("env=prod")
    (problem,) = refusal.value.problems
    assert str(problem) == (
        "one.yaml:1: Cluster/one: metadata.labels.env: the label env is there already, with the "
        'value "stage"\n  hint: --overwrite replaces it'
    )
    assert after(label("env=prod", overwrite=True)) == FILE.replace("stage", "prod")


def test_taints_as_karmadactl_sets_them() -> None:
    assert (
        after(taint("a=b:NoExecute")) == FILE + "  - key: a\n    value: b\n    effect: NoExecute\n"
    )
    assert after(taint("upkeep-")) == FILE.replace(
        '  - {key: upkeep, effect: NoSchedule, value: ""}\n', ""
    )
    assert after(taint("gpu:NoExecute-", "upkeep-")) == FILE[: FILE.index("  taints")].replace(
        "spec:\n", "spec: {}\n"
    )
    assert after(taint("upkeep=now:NoSchedule", overwrite=True)) == FILE.replace('""', "now")
    assert after(taint("upkeep:NoSchedule", overwrite=True)) == FILE
    assert [taint("a:NoExecute").word, taint("gpu-").word] == ["tainted", "untainted"]
    assert taint("a:NoExecute", "gpu-").word == "modified"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "gpu=x:NoExecute",
            "spec.taints: the taint gpu is there already with the effect NoExecute",
        ),
        ("gpu:NoSchedule-", 'taint "gpu:NoSchedule" not found'),
        ("nothing-", 'taint "nothing" not found'),
    ],
)
def test_taints_that_are_there_or_are_not(given: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        taint(given)


def test_cordoning_is_a_taint() -> None:
    outcome = cordoned(read())
    text = after(outcome)
    assert text == FILE + "  - key: cluster.karmada.io/unschedulable\n    effect: NoSchedule\n"
    assert cordoned(read(text)).word == "already cordoned"
    back = uncordoned(read(text))
    assert (outcome.word, back.word) == ("cordoned", "uncordoned")
    assert applied(text.encode(), read(text), back).decode() == FILE
    assert uncordoned(read()).word == "already uncordoned"
    assert applied(FILE.encode(), read(), uncordoned(read())).decode() == FILE


def test_a_cluster_gets_its_taints_in_a_list_too() -> None:
    text = dumps({"apiVersion": "v1", "kind": "List", "items": [cluster("zero"), cluster("one")]})
    second = load(MemorySource({"all.yaml": text})).fleet.clusters[0]
    assert second.name == "one"
    upkeep = Taint(key="upkeep", effect="NoExecute", time_added="2026-01-01T00:00:00Z")
    changed = applied(text.encode(), second, Outcome("tainted", taints=(upkeep,)))
    clusters = load(MemorySource({"all.yaml": changed})).fleet.clusters
    assert [item.spec.taints for item in clusters] == [(upkeep,), ()]
    assert applied(changed, clusters[0], Outcome("untainted", taints=())).decode() == text


def test_what_cannot_be_edited_names_the_file() -> None:
    text = FILE.replace("labels: # by hand", "labels: &all").replace(
        "spec:", "  annotations: *all\nspec:"
    )
    with pytest.raises(InputError, match=r"one.yaml:1: Cluster/one: this document is written in a"):
        after(label("tier=edge"), text)
    with pytest.raises(InputError, match="it is not known where the cluster one was read from"):
        applied(FILE.encode(), Cluster(name="one"), Outcome("untainted", taints=()))
