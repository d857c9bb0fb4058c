from typing import Any

import pytest
from msgspec.structs import replace

from armada_render.emit.applicationset import files, stream
from armada_render.emit.paths import ARGOCD_FOLDER
from armada_render.errors import InputError, SourceLocation
from armada_render.model.argocd import (
    AllowedResources,
    ApplicationsSync,
    DeliveryMode,
    MatchExpression,
    RollingStep,
    RollingSync,
    SyncProfile,
)
from armada_render.model.config import Layout
from armada_render.model.resource import ResourceTemplate
from armada_render.yamlio import load_documents
from tests.support.argocd import SETTINGS, generated, member, produced, thing, work

WEB = work("web", thing("Deployment"), replicas=3)
PLUGIN = replace(SETTINGS, mode=DeliveryMode.PLUGIN, path="fleet")


def _template(app: str, path: str) -> ResourceTemplate:
    return ResourceTemplate(
        ref=WEB.ref, manifest=WEB.manifest, app=app, location=SourceLocation(path)
    )


def _problems(works: dict[str, list[Any]], **more: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        generated(works, **more)
    return [problem.message for problem in caught.value.problems]


def test_one_set_for_each_app_and_one_row_for_each_cluster() -> None:
    api = work("api", thing("Deployment", "api"))
    result = generated({"eu-2": [WEB], "eu-1": [api, WEB]})
    assert [one["metadata"]["name"] for one in result.sets] == ["api", "web"]
    assert [one["metadata"]["name"] for one in produced(result.sets[1])] == ["web-eu-1", "web-eu-2"]


def test_the_application_of_a_committed_bundle() -> None:
    result = generated({"eu-1": [WEB]}, member("eu-1", "eu west"))
    (application,) = produced(result.sets[0])
    labels = application["metadata"]["labels"]
    assert labels.pop("armada-render/placement-hash").isalnum()
    assert labels.pop("armada-render/region").startswith("eu-west-")
    assert labels == {"armada-render/app": "web", "armada-render/cluster": "eu-1"}
    assert application["spec"]["source"] == {
        "repoURL": "https://git.example.com/fleet.git",
        "path": "clusters/eu-1/web",
        "targetRevision": "main",
        "directory": {"recurse": False},
    }
    assert application["spec"]["destination"] == {"name": "eu-1", "namespace": "shop"}
    assert application["spec"]["syncPolicy"]["retry"]["refresh"] is True


def test_one_file_for_each_object_needs_a_recursive_directory() -> None:
    (application,) = produced(generated({"eu-1": [WEB]}, layout=Layout.FILES).sets[0])
    assert application["spec"]["source"]["directory"] == {"recurse": True}


def test_the_plugin_is_pointed_at_the_folder_of_the_app() -> None:
    result = generated(
        {"eu-1": [WEB]}, settings=PLUGIN, templates=(_template("web", "web/all.yaml"),)
    )
    (application,) = produced(result.sets[0])
    assert application["spec"]["source"]["path"] == "fleet/web"
    assert application["spec"]["source"]["plugin"] == {
        "name": "armada-render-1.2.3",
        "parameters": [{"name": "cluster", "string": "eu-1"}, {"name": "root", "string": ".."}],
    }
    annotations = application["metadata"]["annotations"]
    assert annotations["argocd.argoproj.io/manifest-generate-paths"] == "/fleet"


@pytest.mark.parametrize(
    "template", [_template("web", "shop/all.yaml"), _template("web", "all.yaml")]
)
def test_an_app_that_is_no_folder_is_named_to_the_plugin(template: ResourceTemplate) -> None:
    (one,) = generated({"eu-1": [WEB]}, settings=PLUGIN, templates=(template,)).sets
    source = produced(one)[0]["spec"]["source"]
    assert source["path"] == "fleet"
    assert source["plugin"]["parameters"][1:] == [
        {"name": "app", "string": "web"},
        {"name": "root", "string": "."},
    ]


def test_a_folder_that_holds_objects_of_another_app_is_no_app_alone() -> None:
    works = {"eu-1": [WEB, work("Sh op", thing("ConfigMap"))]}
    templates = (_template("web", "Sh op/all.yaml"), _template("Sh op", "Sh op/all.yaml"))
    one = generated(works, settings=PLUGIN, templates=templates).sets[0]
    parameters = produced(one)[0]["spec"]["source"]["plugin"]["parameters"]
    assert parameters[1] == {"name": "app", "string": "Sh op"}


def test_a_fleet_in_the_root_of_the_repository() -> None:
    settings = replace(PLUGIN, path=None)
    template = _template("web", "web/all.yaml")
    (one,) = generated({"eu-1": [WEB]}, settings=settings, templates=(template,)).sets
    (application,) = produced(one)
    annotations = application["metadata"]["annotations"]
    assert application["spec"]["source"]["path"] == "web"
    assert annotations["argocd.argoproj.io/manifest-generate-paths"] == "/"


def test_destinations_by_name_and_by_server_live_in_one_set() -> None:
    by_server = member("eu-2", argocd_destination_server="https://eu-2.example.com")
    result = generated({"eu-1": [WEB], "eu-2": [WEB]}, member("eu-1"), by_server)
    assert [one["spec"]["destination"] for one in produced(result.sets[0])] == [
        {"name": "eu-1", "server": "", "namespace": "shop"},
        {"name": "", "server": "https://eu-2.example.com", "namespace": "shop"},
    ]
    assert result.project["spec"]["destinations"] == [
        {"server": "https://eu-2.example.com", "namespace": "shop"},
        {"name": "eu-1", "namespace": "shop"},
    ]


def test_a_set_by_server_has_no_names() -> None:
    cluster = member("eu-1", argocd_destination_server="https://eu-1.example.com")
    (application,) = produced(generated({"eu-1": [WEB]}, cluster).sets[0])
    assert application["spec"]["destination"] == {
        "server": "https://eu-1.example.com",
        "namespace": "shop",
    }


def test_replicas_are_ignored_only_where_the_autoscaler_is() -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = work("web", thing("HorizontalPodAutoscaler", spec={"scaleTargetRef": target}))
    (one,) = generated({"eu-1": [WEB, scaler], "eu-2": [WEB]}).sets
    first, second = produced(one)
    assert [item["name"] for item in first["spec"]["ignoreDifferences"]] == ["web"]
    assert second["spec"]["ignoreDifferences"] == []


def test_without_an_autoscaler_nothing_is_ignored() -> None:
    (one,) = generated({"eu-1": [WEB]}).sets
    assert "templatePatch" not in one["spec"]


def test_nothing_is_deleted_by_default() -> None:
    (one,) = generated({"eu-1": [WEB]}).sets
    assert one["spec"]["syncPolicy"] == {
        "applicationsSync": "create-update",
        "preserveResourcesOnDeletion": True,
    }
    assert one["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert "finalizers" not in one["spec"]["template"]["metadata"]
    approval = "argocd.argoproj.io/deletion-approved"
    assert one["spec"]["preservedFields"] == {"annotations": [approval]}


def test_a_policy_that_deletes_takes_the_applications_along() -> None:
    settings = replace(SETTINGS, applications_sync=ApplicationsSync.SYNC)
    (one,) = generated({"eu-1": [WEB]}, settings=settings).sets
    assert one["spec"]["syncPolicy"]["applicationsSync"] == "sync"
    assert "finalizers" not in one["metadata"]


def test_the_cautious_profile_asks_before_pruning() -> None:
    settings = replace(SETTINGS, sync_profile=SyncProfile.CAUTIOUS)
    (application,) = produced(generated({"eu-1": [WEB]}, settings=settings).sets[0])
    assert application["spec"]["syncPolicy"]["syncOptions"][-1] == "Prune=confirm"


def test_the_project_allows_what_the_bundles_hold() -> None:
    role = {**thing("ClusterRole", "r", ""), "apiVersion": "rbac.authorization.k8s.io/v1"}
    works = {
        "eu-1": [WEB, work("web", role)],
        "eu-2": [work("web", thing("ConfigMap", namespace="other"))],
    }
    settings = replace(SETTINGS, allow=AllowedResources(("apps/StatefulSet",), ("old",)))
    spec = generated(works, settings=settings).project["spec"]
    assert spec["sourceRepos"] == ["https://git.example.com/fleet.git"]
    assert spec["destinations"] == [
        {"name": "eu-1", "namespace": "old"},
        {"name": "eu-1", "namespace": "shop"},
        {"name": "eu-2", "namespace": "old"},
        {"name": "eu-2", "namespace": "other"},
    ]
    assert spec["clusterResourceWhitelist"] == [
        {"group": "", "kind": "Namespace"},
        {"group": "apps", "kind": "StatefulSet"},
        {"group": "rbac.authorization.k8s.io", "kind": "ClusterRole"},
    ]
    assert spec["namespaceResourceWhitelist"] == [
        {"group": "", "kind": "ConfigMap"},
        {"group": "apps", "kind": "Deployment"},
        {"group": "apps", "kind": "StatefulSet"},
    ]


@pytest.mark.parametrize(
    "manifest",
    [
        thing("ConfigMap", namespace="*"),
        {**thing("ConfigMap"), "kind": "*"},
        {**thing("ConfigMap"), "apiVersion": "*/v1"},
    ],
)
def test_an_override_cannot_widen_the_project(manifest: dict[str, Any]) -> None:
    (message,) = _problems({"eu-1": [work("web", manifest)]})
    assert message.startswith("overrides gave it a ")


def test_two_pairs_with_one_name_are_refused() -> None:
    works = {"1": [work("web-eu", thing("ConfigMap"))], "eu-1": [WEB]}
    assert _problems(works) == [
        "both web-eu on 1 and web on eu-1 would be the Application web-eu-1"
    ]


def test_two_apps_with_one_set_name_are_refused() -> None:
    works = {"eu-1": [work("Web", thing("ConfigMap")), work("web-29751047", thing("Secret"))]}
    assert any("would be the ApplicationSet" in message for message in _problems(works))


def test_an_app_whose_name_does_not_print_is_refused() -> None:
    (message,) = _problems({"eu-1": [work("a\x1bb", thing("ConfigMap"))]})
    assert "\x1b" not in message


def test_a_scaled_workload_with_an_impossible_name_is_refused() -> None:
    bad = work("web", thing("Deployment", "a\x85b"))
    target = {"kind": "Deployment", "name": "a\x85b"}
    scaler = work("web", thing("HorizontalPodAutoscaler", spec={"scaleTargetRef": target}))
    assert len(_problems({"eu-1": [bad, scaler]})) == 1


def _rolling(*steps: tuple[str, tuple[str, ...]]) -> RollingSync:
    return RollingSync(
        tuple(
            RollingStep((MatchExpression("armada-render/cluster", operator, values),), 1)  # type: ignore[arg-type]  # the table writes plain words
            for operator, values in steps
        )
    )


def test_a_rolling_sync_names_its_steps() -> None:
    settings = replace(SETTINGS, rolling_sync=_rolling(("In", ("eu-1",)), ("NotIn", ("eu-1",))))
    (one,) = generated({"eu-1": [WEB], "eu-2": [WEB]}, settings=settings).sets
    strategy = one["spec"]["strategy"]
    assert strategy["type"] == "RollingSync"
    assert strategy["rollingSync"]["steps"][0] == {
        "matchExpressions": [
            {"key": "armada-render/cluster", "operator": "In", "values": ["eu-1"]}
        ],
        "maxUpdate": 1,
    }


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([("In", ("eu-2",))], "no step selects it: Argo CD would never sync it"),
        ([("In", ("eu-1",)), ("NotIn", ("eu-2",))], "2 steps select it"),
    ],
)
def test_each_application_belongs_to_one_step(
    steps: list[tuple[str, tuple[str, ...]]], message: str
) -> None:
    settings = replace(SETTINGS, rolling_sync=_rolling(*steps))
    assert _problems({"eu-1": [WEB]}, settings=settings) == [message]


def test_the_namespace_is_one_that_must_be_created() -> None:
    works = [
        work("web", thing("ConfigMap", namespace=name)) for name in ("default", "kube-system", "b")
    ]
    result = generated({"eu-1": works})
    assert produced(result.sets[0])[0]["spec"]["destination"]["namespace"] == "b"
    assert not result.warnings


def test_namespaces_that_nobody_creates_are_named() -> None:
    works = [work("web", thing("ConfigMap", namespace=name)) for name in ("a", "b", "c")]
    works.append(work("platform", thing("Namespace", "a", "")))
    result = generated({"eu-1": works})
    (warning,) = result.warnings
    assert warning.message.endswith("Argo CD creates b, but not c")


def test_an_app_without_namespaces_goes_to_default() -> None:
    (one,) = generated({"eu-1": [work("web", thing("Namespace", "a", ""))]}).sets
    assert produced(one)[0]["spec"]["destination"]["namespace"] == "default"


def test_kinds_that_argo_cd_leaves_out_are_named() -> None:
    result = generated({"eu-1": [work("web", thing("Endpoints"))]})
    assert [warning.resource for warning in result.warnings] == ["v1/Endpoints/shop/web"]


def test_the_placement_hash_follows_clusters_and_replicas_of_the_app() -> None:
    def digest(works: dict[str, list[Any]]) -> str:
        (one,) = (one for one in generated(works).sets if one["metadata"]["name"] == "web")
        return str(produced(one)[0]["metadata"]["labels"]["armada-render/placement-hash"])

    other = work("api", thing("ConfigMap"))
    first = digest({"eu-1": [WEB], "eu-2": []})
    assert first == digest({"eu-2": [other], "eu-1": [WEB, other]})
    assert first != digest({"eu-1": [WEB], "eu-2": [WEB]})
    assert first != digest({"eu-1": [replace(WEB, replicas=4)]})


def test_the_stream_begins_with_the_project() -> None:
    result = generated({"eu-1": [WEB]})
    documents = load_documents(b"".join(stream(result)))
    assert [one.value for one in documents] == [result.project, *result.sets]


def test_files_stand_in_a_folder_of_their_own() -> None:
    assert [file.path for file in files(generated({"eu-1": [WEB]}))] == [
        f"{ARGOCD_FOLDER}/appproject-armada-render.yaml",
        f"{ARGOCD_FOLDER}/applicationset-web.yaml",
    ]


def test_an_app_that_was_retired_keeps_an_application_that_may_remove_everything() -> None:
    result = generated(
        {"eu-1": [WEB], "eu-2": []},
        retired=(("eu-2", "web"),),
        templates=(_template("web", "web/app.yaml"),),
    )
    (application_set,) = result.sets
    rows = application_set["spec"]["generators"][0]["list"]["elements"]
    assert [(row["name"], row["retired"]) for row in rows] == [
        ("web-eu-1", False),
        ("web-eu-2", True),
    ]
    empty = [
        one["spec"]["syncPolicy"]["automated"]["allowEmpty"] for one in produced(application_set)
    ]
    assert empty == [False, True]
    for one in produced(application_set):
        assert one["spec"]["syncPolicy"]["automated"]["prune"] is True
        assert one["spec"]["source"]["path"] == f"clusters/{one['spec']['destination']['name']}/web"
    destinations = [one["name"] for one in result.project["spec"]["destinations"]]
    assert destinations == ["eu-1", "eu-2"]
    assert result.warnings == ()


def test_an_app_that_left_git_is_rendered_from_the_root_by_the_plugin() -> None:
    result = generated(
        {"eu-1": [WEB], "eu-2": []},
        settings=PLUGIN,
        retired=(("eu-2", "old"),),
        templates=(_template("web", "web/app.yaml"),),
    )
    old, web = (produced(one)[0]["spec"]["source"] for one in result.sets)
    assert old["path"] == "fleet"
    assert old["plugin"]["parameters"] == [
        {"name": "cluster", "string": "eu-2"},
        {"name": "app", "string": "old"},
        {"name": "root", "string": "."},
    ]
    assert web["path"] == "fleet/web"
    (warning,) = result.warnings
    assert warning.resource == "Application/old-eu-2"
    assert "only what the AppProject allows" in warning.message


def test_what_is_ignored_and_what_is_retired_go_together() -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = work("web", thing("HorizontalPodAutoscaler", spec={"scaleTargetRef": target}))
    result = generated(
        {"eu-1": [WEB, scaler], "eu-2": []},
        retired=(("eu-2", "web"),),
        templates=(_template("web", "web/app.yaml"),),
    )
    first, second = produced(result.sets[0])
    assert first["spec"]["ignoreDifferences"][0]["name"] == "web"
    assert first["spec"]["syncPolicy"]["automated"]["allowEmpty"] is False
    assert second["spec"]["ignoreDifferences"] == []
    assert second["spec"]["syncPolicy"]["automated"]["allowEmpty"] is True
