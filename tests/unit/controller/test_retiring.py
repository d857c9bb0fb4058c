"""What leaves a cluster as a whole is retired there, until it is placed there again."""

import pytest

from armada_render.controller.retiring import retirements, written
from armada_render.errors import InputError
from armada_render.load import MemorySource, load
from armada_render.model.argocd import ArgoCD
from armada_render.model.config import Config, Retirement
from armada_render.model.work import Work
from armada_render.pipeline import render

TEXT = b"""\
# ours
apiVersion: armada-render/v1
argocd: {}  # Argo CD applies it
"""


def _works(*placed: tuple[str, str]) -> dict[str, tuple[Work, ...]]:
    """Return Works of ConfigMaps of apps on clusters."""
    files = {
        f"{app}/{cluster}.yaml": f"""\
apiVersion: v1
kind: ConfigMap
metadata: {{name: {app}-{cluster}}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {{name: {app}-{cluster}}}
spec:
  resourceSelectors: [{{apiVersion: v1, kind: ConfigMap, name: {app}-{cluster}}}]
  placement: {{clusterAffinity: {{clusterNames: [{cluster}]}}}}
---
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {{name: {cluster}}}
"""
        for cluster, app in placed
    }
    return dict(render(load(MemorySource(files)).fleet).works)


def _pairs(*entries: Retirement) -> list[tuple[str, str]]:
    return [(one.cluster, one.app) for one in entries]


CONFIG = Config(argocd=ArgoCD())


def test_what_leaves_is_retired_and_what_stays_is_not() -> None:
    before = _works(("one", "redis"), ("two", "web"))
    after = _works(("two", "redis"), ("two", "web")) | {"one": ()}
    assert _pairs(*retirements(CONFIG, before, after)) == [("one", "redis")]


def test_what_is_placed_again_is_retired_no_longer_and_other_entries_stay() -> None:
    old = (Retirement(cluster="two", app="redis"), Retirement(cluster="nine"))
    config = Config(argocd=ArgoCD(), retire=old)
    found = retirements(config, _works(("one", "redis")), _works(("two", "redis")))
    assert _pairs(*found) == [("nine", ""), ("one", "redis")]


def test_what_an_entry_covers_needs_none() -> None:
    config = Config(argocd=ArgoCD(), retire=(Retirement(cluster="one"),))
    assert retirements(config, _works(("one", "redis")), {}) == config.retire


def test_without_argocd_nobody_reads_it() -> None:
    assert retirements(Config(), _works(("one", "redis")), {}) == ()


def test_only_the_lines_in_question_change() -> None:
    entry = Retirement(cluster="one", app="redis")
    text = written(TEXT, [entry])
    assert text.startswith(TEXT)
    assert load(MemorySource({"armada.yaml": text})).config.retire == (entry,)
    assert written(text, []) == TEXT


def test_a_file_that_cannot_be_edited_is_said() -> None:
    with pytest.raises(InputError, match=r"armada\.yaml: retire cannot be written"):
        written(b"a: 1\n---\nb: 2\n", [Retirement(cluster="one", app="redis")])
