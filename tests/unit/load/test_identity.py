"""What counts as a Kubernetes object, and what is said of what does not."""

from typing import Any

import pytest

from armada_render.errors import SourceLocation
from armada_render.load.identity import identity_problem, is_mapping, is_namespace_name

HERE = SourceLocation("a.yaml", 1)
GOOD: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}


def _said(manifest: Any) -> tuple[str, str]:
    problem = identity_problem(manifest, HERE)
    assert problem is not None
    assert problem.location is HERE
    return problem.field, problem.message


@pytest.mark.parametrize(
    "manifest",
    [
        GOOD,
        {**GOOD, "apiVersion": "example.io/v1alpha1"},
        {**GOOD, "metadata": {"name": "system:node-proxier"}},
        {**GOOD, "metadata": {"name": "a" * 253}},
        {**GOOD, "metadata": {"name": "größe"}},
        {**GOOD, "metadata": {"name": "a", "namespace": "shop"}},
        {**GOOD, "metadata": {"name": "a", "namespace": ""}},
        {**GOOD, "metadata": {"name": "a", "namespace": None}},
    ],
)
def test_an_object_has_api_version_kind_and_name(manifest: dict[str, Any]) -> None:
    assert identity_problem(manifest, HERE) is None


@pytest.mark.parametrize(
    ("document", "what"),
    [([], "a list"), ("text", "a text"), (3, "a plain value"), (True, "a plain value")],
)
def test_what_is_no_mapping_is_named(document: object, what: str) -> None:
    assert _said(document) == ("", f"not a Kubernetes object but {what}")
    assert not is_mapping(document)


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"apiVersion": None}, "apiVersion", "apiVersion is missing"),
        ({"apiVersion": 1}, "apiVersion", "apiVersion must be text"),
        ({"apiVersion": ""}, "apiVersion", "apiVersion must be text"),
        ({"apiVersion": "a/b/c"}, "apiVersion", "not a valid apiVersion"),
        ({"apiVersion": "../v1"}, "apiVersion", "not a valid apiVersion"),
        ({"kind": None}, "kind", "kind is missing"),
        ({"kind": "../Pod"}, "kind", "not a valid kind"),
        ({"kind": "P" * 64}, "kind", "not a valid kind"),
        ({"kind": "Pod\n"}, "kind", "not a valid kind"),
        ({"metadata": None}, "metadata", "metadata is missing or no mapping"),
        ({"metadata": []}, "metadata", "metadata is missing or no mapping"),
        ({"metadata": {}}, "metadata.name", "metadata.name is missing or not text"),
        ({"metadata": {"name": 3}}, "metadata.name", "metadata.name is missing or not text"),
        ({"apiVersion": "kustomize.config.k8s.io/v1"}, "", "ConfigMap is no Kubernetes object"),
        ({"apiVersion": "armada-render/v1"}, "", "ConfigMap is no Kubernetes object"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    change: dict[str, Any], field: str, message: str
) -> None:
    assert _said({**GOOD, **change}) == (field, message)


@pytest.mark.parametrize(
    "name", [".", "..", "a/b", "a%b", "a" * 254, "a\nb", "\x1b[31m", "a\u202eb"]
)
def test_names_are_path_segments_that_print(name: str) -> None:
    assert _said({**GOOD, "metadata": {"name": name}}) == ("metadata.name", "not a valid name")


@pytest.mark.parametrize("namespace", ["..", "a/b", "A", "-a", "a" * 64, 0, False, [], {}])
def test_namespaces_are_dns_labels(namespace: object) -> None:
    manifest = {**GOOD, "metadata": {"name": "a", "namespace": namespace}}
    assert _said(manifest) == ("metadata.namespace", "not a valid namespace")


def test_a_generated_name_needs_an_api_server() -> None:
    problem = identity_problem({**GOOD, "metadata": {"generateName": "a-"}}, None)
    assert problem is not None
    assert problem.hint == "generateName needs a live API server; give it a name"


def test_names_of_clusters_are_dns_labels() -> None:
    assert is_namespace_name("pegasus-2")
    assert not is_namespace_name("Pegasus")
    assert not is_namespace_name("../pegasus")
