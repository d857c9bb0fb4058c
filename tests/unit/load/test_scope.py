"""Which kinds have no namespace."""

from typing import Any

import pytest

from armada_render.load.scope import cluster_scoped, group_kind


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("v1", "Namespace", "/Namespace"),
        ("apps/v1", "Deployment", "apps/Deployment"),
        ("example.io/v1alpha1", "Widget", "example.io/Widget"),
    ],
)
def test_a_group_kind_has_no_version(api_version: str, kind: str, expected: str) -> None:
    assert group_kind(api_version, kind) == expected


def _crd(**spec: Any) -> dict[str, Any]:
    return {"kind": "CustomResourceDefinition", "spec": spec}


def test_kinds_of_kubernetes_are_known() -> None:
    known = cluster_scoped([], [])
    assert {"/Namespace", "/Node", "rbac.authorization.k8s.io/ClusterRole"} <= known
    assert "apps/Deployment" not in known
    assert "/ConfigMap" not in known


def test_definitions_and_settings_name_further_kinds() -> None:
    found = cluster_scoped(
        [
            _crd(group="example.io", scope="Cluster", names={"kind": "Widget"}),
            _crd(group="example.io", scope="Namespaced", names={"kind": "Gadget"}),
            {"kind": "ConfigMap", "spec": {"scope": "Cluster"}},
        ],
        ["example.io/Thing"],
    )
    assert found - cluster_scoped([], []) == {"example.io/Widget", "example.io/Thing"}


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "CustomResourceDefinition"},
        {"kind": "CustomResourceDefinition", "spec": []},
        _crd(scope="Cluster"),
        _crd(scope="Cluster", names="Widget"),
    ],
)
def test_a_broken_definition_names_nothing(broken: dict[str, Any]) -> None:
    assert cluster_scoped([broken], []) == cluster_scoped([], [])
