"""What every Application of a set has in common (argocd.md 3.5 to 3.9).

The texts are constants with the keys of rows in them; what comes from manifests, clusters and
policies stands in rows only, which Argo CD does not evaluate. The few settings that must be
literal are escaped.
"""

from typing import Any

from armada_render.model.argocd import ArgoCD, RollingSync, SyncProfile

APP_LABEL = "armada-render/app"
CLUSTER_LABEL = "armada-render/cluster"
REGION_LABEL = "armada-render/region"
PLACEMENT_LABEL = "armada-render/placement-hash"

# What differs from row to row and is no text cannot stand in a plain template.
_IGNORED = "  ignoreDifferences: {{ toJson .ignoreDifferences }}\n"
# Only where an app was taken off a cluster may Argo CD remove everything that an Application has.
_RETIRED = "  syncPolicy:\n    automated:\n      allowEmpty: {{ toJson .retired }}\n"

_SYNC_OPTIONS = (
    "CreateNamespace=true",
    "PruneLast=true",
    "ServerSideApply=true",
    "ApplyOutOfSyncOnly=true",
    "RespectIgnoreDifferences=true",
    "FailOnSharedResource=true",
)


def template_patch(*, ignores: bool, retires: bool) -> str:
    """Return `spec.templatePatch` for rows with what is ignored and retired, "" if none has any."""
    parts = (_IGNORED if ignores else "") + (_RETIRED if retires else "")
    return f"spec:\n{parts}" if parts else ""


def literal(text: str) -> str:
    """Return the Go template that prints `text`."""
    return text.replace("{{", '{{"{{"}}')


def application_template(
    settings: ArgoCD, destination: dict[str, str], source: dict[str, Any], *, inputs: str
) -> dict[str, Any]:
    """Return `spec.template`; `destination` and `source` hold what sets differ in.

    `inputs` is the folder that everything the plugin reads stands in, "" without the plugin.
    """
    annotations = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
    if inputs:
        # Any file below may hold a policy for the app: a list of the files that do today would make
        # Argo CD ignore the commit that adds one.
        annotations["argocd.argoproj.io/manifest-generate-paths"] = literal(inputs)
    return {
        "metadata": {
            "name": "{{.name}}",
            "labels": {
                APP_LABEL: "{{.app}}",
                CLUSTER_LABEL: "{{.cluster}}",
                PLACEMENT_LABEL: "{{.placementHash}}",
                REGION_LABEL: "{{.region}}",
            },
            "annotations": annotations,
        },
        "spec": {
            "project": literal(settings.project),
            "source": {
                "repoURL": literal(settings.repo_url),
                "path": "{{.path}}",
                "targetRevision": "{{.revision}}",
                **source,
            },
            "destination": {**destination, "namespace": "{{.namespace}}"},
            "revisionHistoryLimit": 3,
            "syncPolicy": _sync_policy(settings.sync_profile),
        },
    }


def directory_source(*, recurse: bool) -> dict[str, Any]:
    """Return what makes Argo CD apply the files of a folder as they are."""
    return {"directory": {"recurse": recurse}}


def plugin_source(plugin: str, *, is_folder: bool) -> dict[str, Any]:
    """Return what makes Argo CD call the plugin, for an app that is a folder of the root or not."""
    parameters = [{"name": "cluster", "string": "{{.cluster}}"}]
    if is_folder:
        parameters.append({"name": "root", "string": ".."})
    else:
        parameters.append({"name": "app", "string": "{{.appName}}"})
        parameters.append({"name": "root", "string": "."})
    return {"plugin": {"name": literal(plugin), "parameters": parameters}}


def _sync_policy(profile: SyncProfile) -> dict[str, Any]:
    options = [*_SYNC_OPTIONS]
    if profile is SyncProfile.CAUTIOUS:
        options.append("Prune=confirm")
    return {
        "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
        "syncOptions": options,
        # A newer commit, of a failover perhaps, must replace the one that is being retried
        # (argoproj/argo-cd#23038).
        "retry": {
            "limit": -1,
            "refresh": True,
            "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"},
        },
    }


def rolling_strategy(rolling: RollingSync) -> dict[str, Any]:
    """Return `spec.strategy`, whose texts Argo CD does not evaluate."""
    steps = []
    for step in rolling.steps:
        expressions = [
            {"key": one.key, "operator": one.operator, "values": list(one.values)}
            for one in step.match_expressions
        ]
        limit = {} if step.max_update is None else {"maxUpdate": step.max_update}
        steps.append({"matchExpressions": expressions, **limit})
    return {"type": "RollingSync", "rollingSync": {"steps": steps}}
