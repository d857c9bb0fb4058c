import pytest

from armada_render.load import MemorySource, load
from armada_render.load.frozen import copy_key, frozen_path
from armada_render.model.frozen import CopyKey
from armada_render.model.resource import ObjectReference

WEB = ObjectReference("apps/v1", "Deployment", "shop", "web")
PATH = ".armada/frozen/a/shop/web-deployment.yaml"
TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
"""


def test_frozen_manifests_are_copies_and_no_templates() -> None:
    fleet = load(MemorySource({PATH: TEXT})).fleet
    assert not fleet.problems
    assert not fleet.templates
    copy = fleet.frozen[copy_key(WEB, "a")]
    assert [manifest["kind"] for manifest in copy.manifests] == ["Deployment", "ConfigMap"]
    assert str(copy.location) == PATH


def test_names_become_paths() -> None:
    assert frozen_path(copy_key(WEB, "a")) == PATH
    role = ObjectReference("rbac.authorization.k8s.io/v1", "ClusterRole", "", "system:View")
    key = copy_key(role, "a")
    assert frozen_path(key) == ".armada/frozen/a/_cluster/system.view-clusterrole.yaml"
    text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: v}\n"
    assert list(load(MemorySource({frozen_path(key): text})).fleet.frozen) == [key]


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        pytest.param(PATH, "", "the file is empty", id="empty"),
        pytest.param(PATH, "a: [", "missing", id="broken"),
        pytest.param(PATH, "a: 1\n<<<<<<< HEAD\nb: 2\n", "conflict marker", id="conflict"),
        pytest.param(PATH, "kind: Deployment", "apiVersion is missing", id="no-object"),
        pytest.param(".armada/frozen/web.yaml", TEXT, "no place for frozen", id="too-high"),
        pytest.param(".armada/frozen/a/b/c/d.yaml", TEXT, "no place for frozen", id="too-deep"),
        pytest.param(".armada/frozen/a/_x/web.yaml", TEXT, "no place for frozen", id="namespace"),
        pytest.param(".armada/frozen/a/shop/web.json", TEXT, "no place for frozen", id="ending"),
    ],
)
def test_what_cannot_be_used_is_a_problem(path: str, text: str, message: str) -> None:
    fleet = load(MemorySource({path: text})).fleet
    [problem] = fleet.problems
    assert message in problem.message
    assert problem.location is not None
    assert problem.location.path == path
    assert not fleet.frozen


@pytest.mark.parametrize(
    ("files", "freeze"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({".armada/freeze": ""}, "", id="empty"),
        pytest.param({".armada/freeze": "\n  until noon\nmore"}, "until noon", id="with-a-reason"),
        pytest.param({"app/.armada/freeze": "x"}, None, id="elsewhere"),
    ],
)
def test_the_freeze_file(files: dict[str, str], freeze: str | None) -> None:
    fleet = load(MemorySource(files)).fleet
    assert not fleet.problems
    assert fleet.freeze == freeze


def test_a_copy_is_known_by_cluster_and_binding() -> None:
    assert copy_key(WEB, "a") == CopyKey("a", "shop", "web-deployment")
