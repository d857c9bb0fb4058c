"""What is read for one application gives the same objects as reading everything."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from armada_render.load import DirectorySource, load
from armada_render.load.enough import restricted
from armada_render.load.near import NearSource
from armada_render.model.config import Config
from armada_render.model.fleet import Fleet
from armada_render.model.resource import Manifest
from armada_render.pipeline import Rendering, render
from benchmarks.fleet import write_fleet

EXAMPLES = Path(__file__).parents[3] / "examples"
CLUSTERS = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {name: one}
spec: {syncMode: Pull}
---
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata: {name: two}
spec: {syncMode: Pull}
"""


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def policy(kind: str, name: str, selector: str, **more: str) -> str:
    namespace = f", namespace: {more['namespace']}" if "namespace" in more else ""
    cluster = more.get("cluster", "one")
    extra = more.get("extra", "")
    return f"""\
---
apiVersion: policy.karmada.io/v1alpha1
kind: {kind}
metadata: {{name: {name}{namespace}}}
spec:
  resourceSelectors: [{{{selector}}}]
  {extra}
  placement: {{clusterAffinity: {{clusterNames: [{cluster}]}}}}
"""


def thing(kind: str, name: str, namespace: str = "", *, api: str = "v1", more: str = "") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}{where}{more}}}\n"


DEPLOYMENT = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: SPACE}
spec:
  replicas: 2
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers: [{name: main, image: a, envFrom: [{configMapRef: {name: shared}}]}]
"""

Objects = dict[str, list[Manifest]]
"""What each cluster gets."""


class Near:
    """The application `app` of a root, rendered from what can reach it."""

    def __init__(self, root: Path, app: str) -> None:
        self.app = app
        self.source = NearSource(DirectorySource(str(root)), [app], Config())
        loaded = load(self.source, digest=lambda data: str(len(data)))
        self.read = set(loaded.digests)
        self.fleet = restricted(loaded.fleet, self.source)

    def objects(self) -> Objects:
        assert self.fleet is not None
        rendering = render(self.fleet)
        assert rendering.problems == ()
        return of(rendering, self.fleet, self.app)


def of(rendering: Rendering, fleet: Fleet, app: str) -> Objects:
    own = {
        template.ref
        for template in fleet.templates
        if template.location and template.location.path.startswith(f"{app}/")
    }
    found = {
        cluster: [work.manifest for work in works if work.template in own]
        for cluster, works in rendering.works.items()
    }
    return {cluster: manifests for cluster, manifests in found.items() if manifests}


def full(root: Path, app: str) -> Objects:
    fleet = load(DirectorySource(str(root))).fleet
    return of(render(fleet), fleet, app)


def assert_same(root: Path, app: str) -> Near:
    near = Near(root, app)
    assert near.objects() == full(root, app)
    return near


def apps(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.is_dir())


@pytest.mark.parametrize("example", ["app-manifests", "features", "shop"])
def test_every_app_of_the_examples_is_as_in_the_whole(example: str) -> None:
    root = EXAMPLES / example
    fleet = load(DirectorySource(str(root))).fleet
    whole = render(fleet)
    for app in apps(root):
        near = Near(root, app)
        if near.fleet is not None:
            rendering = render(near.fleet)
            assert of(rendering, near.fleet, app) == of(whole, fleet, app), app


def test_an_app_of_a_large_fleet_leaves_the_others_unread(tmp_path: Path) -> None:
    write_fleet(tmp_path, 60, 4)
    near = assert_same(tmp_path, "app-00042")
    # The team's three apps share a namespace, and with it what policies may say.
    assert near.read == {
        "app-00042/app.yaml",
        *(f"app-000{number}/policies.yaml" for number in ("02", "22", "42")),
        *(f"clusters/member-000{number}.yaml" for number in range(4)),
    }


BASE = {
    "clusters.yaml": CLUSTERS,
    "own/a.yaml": thing("ConfigMap", "shared", "web"),
    "own/p.yaml": policy(
        "PropagationPolicy", "own", "apiVersion: v1, kind: ConfigMap", namespace="web"
    ),
    "far/a.yaml": thing("Secret", "secret", "far"),
    "far/p.yaml": policy(
        "PropagationPolicy", "far", "apiVersion: v1, kind: Secret", namespace="far"
    ),
}
LATE = policy(
    "PropagationPolicy",
    "late",
    "apiVersion: v1, kind: ConfigMap, name: shared",
    namespace="web",
    cluster="two",
)
CASES = {
    "nothing else": {},
    "policy of the namespace": {"other/p.yaml": LATE},
    "policy in the default namespace": {
        "own/a.yaml": thing("ConfigMap", "shared"),
        "other/p.yaml": LATE.replace(", namespace: web", ""),
    },
    "policy whose text is escaped": {
        "other/p.yaml": LATE.replace(
            "policy.karmada.io/v1alpha1", '"policy.k\\x61rmada.io/v1alpha1"'
        )
    },
    "cluster-wide policy": {
        "own/p.yaml": "",
        "other/p.yaml": policy(
            "ClusterPropagationPolicy", "all", "apiVersion: v1, kind: ConfigMap"
        ),
    },
    "cluster-wide override": {
        "other/o.yaml": """\
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterOverridePolicy
metadata: {name: all}
spec:
  overrideRules:
    - overriders: {labelsOverrider: [{operator: add, value: {a: b}}]}
"""
    },
    "dependency of a neighbour": {
        "own/p.yaml": "",
        "other/a.yaml": DEPLOYMENT.replace("NAME", "app").replace("SPACE", "web"),
        "other/p.yaml": policy(
            "PropagationPolicy",
            "other",
            "apiVersion: apps/v1, kind: Deployment",
            namespace="web",
            cluster="two",
            extra="propagateDeps: true",
        ),
    },
    "namespace that follows a neighbour": {
        "own/a.yaml": thing("Namespace", "web"),
        "other/a.yaml": thing("ConfigMap", "b", "web"),
        "other/p.yaml": LATE.replace("name: shared", "name: b"),
    },
    "kind without a namespace by a definition elsewhere": {
        "own/a.yaml": thing("Widget", "w", api="example.io/v1"),
        "own/p.yaml": policy(
            "ClusterPropagationPolicy", "w", "apiVersion: example.io/v1, kind: Widget"
        ),
        "crds/widget.yaml": """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.io}
spec:
  group: example.io
  scope: Cluster
  names: {kind: Widget, plural: widgets}
""",
    },
    "lock": {
        ".armada/bindings/web/shared-configmap.yaml": """\
apiVersion: work.karmada.io/v1alpha2
kind: ResourceBinding
metadata: {name: shared-configmap, namespace: web}
spec:
  resource: {apiVersion: v1, kind: ConfigMap, namespace: web, name: shared}
  clusters: [{name: one}]
""",
        ".armada/bindings/far/secret-secret.yaml": """\
apiVersion: work.karmada.io/v1alpha2
kind: ResourceBinding
metadata: {name: secret-secret, namespace: far}
spec:
  resource: {apiVersion: v1, kind: Secret, namespace: far, name: secret}
  clusters: [{name: one}]
""",
    },
}

DEFAULT = ("policy in the default namespace", "kind without a namespace by a definition elsewhere")


@pytest.mark.parametrize("case", CASES)
def test_what_reaches_an_app_is_read(tmp_path: Path, case: str) -> None:
    root = write(tmp_path, {**BASE, **CASES[case]})
    near = assert_same(root, "own")
    assert near.objects()
    # What may be in the default namespace can be meant by policies without one.
    may_be_default = "far/p.yaml" in near.read
    assert may_be_default == (case in DEFAULT)
    assert not {path for path in near.read if "far" in path} - {"far/p.yaml"}


@pytest.mark.parametrize(
    ("kind", "api", "namespace"),
    [
        ("ConfigMap", "v1", "web"),
        ("Secret", "v1", ""),
        ("ClusterRole", "rbac.authorization.k8s.io/v1", ""),
    ],
)
def test_a_second_definition_elsewhere_is_found(
    tmp_path: Path, kind: str, api: str, namespace: str
) -> None:
    one = thing(kind, "shared", namespace, api=api)
    others = thing("ClusterRole", "x:y", api="rbac.authorization.k8s.io/v1") + thing("Secret", "s")
    root = write(tmp_path, {**BASE, "own/a.yaml": one + others, "other/a.yaml": one})
    near = Near(root, "own")
    assert near.fleet is not None
    (problem,) = near.fleet.problems
    assert problem.message.startswith("defined twice")


def test_a_binding_that_another_kind_has_already_is_found(tmp_path: Path) -> None:
    rival = thing("ConfigMap", "shared", "web", api="aaa.example.io/v1")
    names = policy(
        "PropagationPolicy",
        "rival",
        "apiVersion: aaa.example.io/v1, kind: ConfigMap",
        namespace="web",
    )
    root = write(tmp_path, {**BASE, "other/a.yaml": rival, "other/p.yaml": names})
    near = Near(root, "own")
    assert near.fleet is not None
    assert [error.ref.api_version for error in render(near.fleet).errors] == ["v1"]


SCRIPT = """\
apiVersion: config.karmada.io/v1alpha1
kind: ResourceInterpreterCustomization
metadata: {name: app}
spec:
  target: {apiVersion: apps/v1, kind: Deployment}
  customizations:
    OPERATION:
      luaScript: function F(a) return {} end
"""
MOVER = """\
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterOverridePolicy
metadata: {name: mover}
spec:
  overrideRules:
    - overriders:
        plaintext: [{path: /metadata/namespace, operator: replace, value: web}]
"""
ESCAPES = {
    "computed dependencies": {
        "rules.yaml": SCRIPT.replace("OPERATION", "dependencyInterpretation"),
        "other/p.yaml": LATE.replace("\n  placement", "\n  propagateDeps: true\n  placement"),
    },
    "objects that move into the namespace": {
        "own/n.yaml": thing("Namespace", "web"),
        "mover.yaml": MOVER,
    },
    "objects that an image overrider moves into the namespace": {
        "own/n.yaml": thing("Namespace", "webster"),
        "far/mover.yaml": """\
apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata: {name: mover, namespace: far}
spec:
  overrideRules:
    - overriders:
        imageOverrider:
          - {predicate: {path: /metadata/namespace}, component: Repository, operator: add, value: x}
""",
    },
    "an own object that comes to other overrides": {"mover.yaml": MOVER},
    "an own object that a script may move": {
        "own/d.yaml": DEPLOYMENT.replace("NAME", "own").replace("SPACE", "web"),
        "rules.yaml": SCRIPT.replace("OPERATION", "replicaRevision"),
    },
    "dependencies that an escape hides": {
        "other/p.yaml": LATE.replace("\n  placement", '\n  "propagate\\x44eps": true\n  placement')
    },
    "an old copy that took something along from elsewhere": {
        ".armada/frozen/two/web/shared-configmap.yaml": thing("ConfigMap", "shared", "web")
        + thing("ConfigMap", "else", "far")
    },
    "an old copy elsewhere of what an own one took along": {
        ".armada/frozen/two/web/shared-configmap.yaml": thing("ConfigMap", "shared", "web")
        + thing("ConfigMap", "gone", "web"),
        ".armada/frozen/two/far/secret-secret.yaml": thing("Secret", "secret", "far")
        + thing("ConfigMap", "gone", "web"),
    },
    "objects that may take the place of an old copy": {
        ".armada/frozen/two/web/shared-configmap.yaml": thing("ConfigMap", "shared", "web"),
        "far/mover.yaml": MOVER.replace("Cluster", "").replace("mover}", "mover, namespace: far}"),
    },
    "a claim of a policy elsewhere": {
        "own/a.yaml": thing(
            "ConfigMap",
            "shared",
            "web",
            more=", annotations: {propagationpolicy.karmada.io/namespace: far}",
        )
    },
}


@pytest.mark.parametrize("case", ESCAPES)
def test_where_names_are_not_enough_everything_is_read(tmp_path: Path, case: str) -> None:
    root = write(tmp_path, {**BASE, **ESCAPES[case]})
    assert Near(root, "own").fleet is None


def test_an_error_of_others_does_not_stop_the_app(tmp_path: Path) -> None:
    broken = {"far/b.yaml": "{{ broken", "far/p.yaml": BASE["far/p.yaml"] + "  nonsense: 1\n"}
    near = Near(write(tmp_path, {**BASE, **broken}), "own")
    assert len(near.objects()["one"]) == 1


def test_an_error_that_could_reach_the_app_does(tmp_path: Path) -> None:
    root = write(
        tmp_path, {**BASE, "far/b.yaml": "{{ namespace: web, kind: ConfigMap, name: shared"}
    )
    near = Near(root, "own")
    assert near.fleet is not None
    assert [problem.location.path for problem in near.fleet.problems if problem.location] == [
        "far/b.yaml"
    ]


OLD_COPY = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: own, namespace: web}
spec: {replicas: 7}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shared, namespace: web}
data: {as: it was}
"""
ELSEWHERE = OLD_COPY.replace("web", "far").replace("shared", "other")
TASK = """\
apiVersion: work.karmada.io/v1alpha2
kind: ResourceBinding
metadata: {name: own-deployment, namespace: web}
spec:
  clusters: [{name: one, replicas: 2}]
  gracefulEvictionTasks:
    - {fromCluster: two, purgeMode: Never, suppressDeletion: true, reason: r, producer: p}
  resource: {apiVersion: apps/v1, kind: Deployment, namespace: web, name: own}
"""


def test_old_copies_are_read_with_the_lock(tmp_path: Path) -> None:
    own = DEPLOYMENT.replace("NAME", "own").replace("SPACE", "web")
    root = write(
        tmp_path,
        {
            "clusters.yaml": CLUSTERS,
            "own/d.yaml": own,
            "own/p.yaml": policy(
                "PropagationPolicy", "p", "apiVersion: apps/v1, kind: Deployment", namespace="web"
            ),
            "other/c.yaml": thing("ConfigMap", "shared", "web"),
            ".armada/bindings/web/own-deployment.yaml": TASK,
            ".armada/frozen/two/web/own-deployment.yaml": OLD_COPY,
            ".armada/frozen/two/far/else-deployment.yaml": ELSEWHERE,
            ".armada/freeze": "not now",
        },
    )
    near = assert_same(root, "own")
    assert ".armada/frozen/two/far/else-deployment.yaml" not in near.read
    assert near.objects()["two"][0]["spec"] == {"replicas": 7}
    assert assert_same(root, "other").objects() == {
        "two": [{**near_config_map(), "data": {"as": "it was"}}]
    }


def test_an_old_copy_elsewhere_that_may_hold_an_own_object_has_everything_read(
    tmp_path: Path,
) -> None:
    far = {".armada/frozen/two/far/else-deployment.yaml": OLD_COPY}
    assert Near(write(tmp_path, {**BASE, **far}), "own").fleet is None


def near_config_map() -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "shared", "namespace": "web"},
    }
