"""What is torn apart, in which words, and which policy mends it."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from armada_render.interpret import Interpreter
from armada_render.lint.relations import relations
from armada_render.lint.together import Tear, Torn, torn
from armada_render.load import DirectorySource, from_objects, load
from armada_render.model.binding import TargetCluster
from armada_render.model.fleet import Fleet
from armada_render.pipeline import render
from tests.support.objects import Object, cluster, config_map, deployment, policy, selector

CANARY = Path(__file__).parents[3] / "examples" / "app-manifests"
POLICY = "PropagationPolicy/default"


def _torn(fleet: Fleet, moved: dict[str, str] | None = None) -> tuple[Torn, ...]:
    """Return what is torn apart; `moved` puts a kind on another cluster, as a failover would."""
    bindings = [
        replace(one, clusters=(TargetCluster(moved[one.ref.kind]),))
        if moved and one.ref.kind in moved
        else one
        for one in render(fleet).bindings
    ]
    links = relations(fleet.templates, Interpreter(fleet.customizations))
    return torn(links, bindings, fleet.clusters)


def _example() -> Fleet:
    return load(DirectorySource(str(CANARY))).fleet


def _web(**pod: Any) -> Object:
    made = deployment("web")
    made["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    made["spec"]["template"]["spec"].update(pod)
    return made


SERVICE: Object = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}},
}
SETTINGS = {"volumes": [{"name": "v", "configMap": {"name": "settings"}}]}
CLUSTERS = (cluster("one"), cluster("two"))


def _on(*names: str) -> dict[str, Any]:
    return {"placement": {"clusterAffinity": {"clusterNames": list(names)}}}


def test_the_example_fleet_is_together() -> None:
    assert _torn(_example()) == ()


def test_a_canary_that_fails_over_alone_leaves_its_services_routes_and_gateway_behind() -> None:
    broken = [one for one in _torn(_example(), {"Rollout": "pegasus-3"}) if one.tear != Tear.IDLE]
    assert [(one.missing.name, one.clusters) for one in broken] == [
        ("demo-ms-canary", ("pegasus-3",)),
        ("demo-ms-stable", ("pegasus-3",)),
    ]
    assert broken[1].sentence == (
        "Rollout demo-ms-canary is on pegasus-3 without Service demo-ms-stable, which it needs; "
        "Gateway demo-ms-canary-gateway, VirtualService demo-ms-canary and Service demo-ms-canary "
        "stay behind too"
    )
    assert broken[1].remedy == (
        f"take spreadConstraints out of {POLICY}/demo-ms-canary-services: what it selects then "
        f"waits on every cluster of its clusterAffinity; take spreadConstraints out of {POLICY}/"
        "demo-ms-canary-istio: what it selects then waits on every cluster of its clusterAffinity"
    )


def test_the_remedy_mends_the_canary(tmp_path: Path) -> None:
    for path in CANARY.rglob("*.yaml"):
        text = path.read_text()
        if path.parent.name == "app-simple-canary":
            lines = text.split("\n    spreadConstraints:")
            # The first policy is the Rollout's own; those of what belongs to it lose theirs.
            kept = "\n    spreadConstraints:".join(lines[:2])
            text = "".join([kept, *(part.split("maxGroups: 1", 1)[1] for part in lines[2:])])
        (tmp_path / path.parent.name).mkdir(exist_ok=True)
        (tmp_path / path.parent.name / path.name).write_text(text)
    fleet = load(DirectorySource(str(tmp_path))).fleet
    assert fleet.problems == ()
    assert [one.tear for one in _torn(fleet, {"Rollout": "pegasus-3"})] == [Tear.IDLE, Tear.IDLE]


def test_what_needs_propagate_deps_is_told_so() -> None:
    (found,) = _torn(
        from_objects(
            [
                *CLUSTERS,
                _web(**SETTINGS),
                config_map("settings"),
                policy("web", selector("Deployment")),
            ]
        )
    )
    assert (found.tear, found.clusters) == (Tear.REFERENCE, ("one", "two"))
    assert (
        found.sentence
        == "Deployment web is on one and two without ConfigMap settings, which it needs"
    )
    assert found.remedy == f"set propagateDeps: true in {POLICY}/web"


def test_what_no_policy_takes_is_to_be_selected_too() -> None:
    (found,) = _torn(
        from_objects([*CLUSTERS, _web(), SERVICE, policy("web", selector("Deployment"))])
    )
    assert (found.tear, found.ref.kind, found.missing.kind) == (
        Tear.COMPANION,
        "Deployment",
        "Service",
    )
    assert found.remedy == f"select Service web in {POLICY}/web too"


def test_an_affinity_that_does_not_reach_is_widened() -> None:
    fleet = from_objects(
        [
            *CLUSTERS,
            _web(),
            SERVICE,
            policy("web", selector("Deployment")),
            policy("routes", selector("Service"), **_on("one")),
        ]
    )
    (found,) = _torn(fleet)
    assert (found.clusters, found.remedy) == (
        ("two",),
        f"let the clusterAffinity of {POLICY}/routes select two too",
    )


def test_what_is_idle_is_no_harm() -> None:
    fleet = from_objects(
        [
            *CLUSTERS,
            _web(),
            SERVICE,
            policy("web", selector("Deployment"), **_on("one")),
            policy("routes", selector("Service")),
        ]
    )
    (found,) = _torn(fleet)
    assert found.sentence == "Service web is on two without Deployment web, which it is for"


def test_one_of_several_is_enough() -> None:
    other = _web()
    other["metadata"] = {"name": "web-canary"}
    fleet = from_objects(
        [
            *CLUSTERS,
            _web(),
            other,
            SERVICE,
            policy("one", selector("Deployment", name="web"), **_on("one")),
            policy("two", selector("Deployment", name="web-canary"), **_on("two")),
            policy("routes", selector("Service")),
        ]
    )
    assert _torn(fleet) == ()


def test_what_karmada_never_propagates_must_come_by_other_means() -> None:
    account: Object = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}}
    binding: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "web", "namespace": "kube-system"},
        "roleRef": {"kind": "Role", "name": "x"},
        "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "default"}],
    }
    takes = policy("all", selector("ServiceAccount"))
    (found,) = _torn(from_objects([*CLUSTERS, account, binding, takes]))
    assert found.remedy == (
        "bring RoleBinding kube-system/web there by other means: Karmada never propagates what is "
        "in the namespace kube-system"
    )


def test_groups_of_clusters_and_failures_have_remedies_too() -> None:
    groups = [
        {"affinityName": "a", "clusterNames": ["one"]},
        {"affinityName": "b", "clusterNames": ["two"]},
    ]
    routes = policy("routes", selector("Service"), placement={"clusterAffinities": groups})
    both = [*CLUSTERS, _web(), SERVICE, policy("web", selector("Deployment"))]
    (found,) = _torn(from_objects([*both, routes]))
    assert (
        found.remedy == f"give {POLICY}/routes one clusterAffinity in place of groups of clusters"
    )
    constraint = {"spreadByField": "cluster", "minGroups": 9, "maxGroups": 9}
    routes = policy("routes", selector("Service"), placement={"spreadConstraints": [constraint]})
    (found,) = _torn(from_objects([*both, routes]))
    assert found.remedy == f"mend {POLICY}/routes first: Service web has no cluster"


def test_what_no_policy_can_be_named_for_needs_one() -> None:
    """A dependency has no policy of its own to be selected in."""
    account: Object = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}}
    binding: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "web"},
        "roleRef": {"kind": "Role", "name": "x"},
        "subjects": [{"kind": "ServiceAccount", "name": "web"}],
    }
    web = _web(serviceAccountName="web")
    takes = policy("web", selector("Deployment"), propagateDeps=True)
    (found,) = _torn(from_objects([*CLUSTERS, web, account, binding, takes]))
    assert (found.ref.kind, found.remedy) == ("ServiceAccount", "give RoleBinding web a policy")
