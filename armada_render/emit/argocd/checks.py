"""What must hold for all Applications together: one bad row would stop its whole set."""

import re
from collections.abc import Iterable, Mapping, Sequence

from armada_render.emit.argocd.names import group_of, is_dns_label, is_group_kind, set_name
from armada_render.emit.argocd.rows import Application
from armada_render.errors import Problem, one_line
from armada_render.model.argocd import RollingStep, RollingSync
from armada_render.model.resource import ObjectReference, ResourceTemplate

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", re.ASCII)

# resource.exclusions of a stock Argo CD (manifests/base/config/argocd-cm.yaml).
_EXCLUDED: Mapping[str, frozenset[str]] = {
    "": frozenset(("Endpoints",)),
    "discovery.k8s.io": frozenset(("EndpointSlice",)),
    "coordination.k8s.io": frozenset(("Lease",)),
    "certificates.k8s.io": frozenset(("CertificateSigningRequest",)),
    "cert-manager.io": frozenset(("CertificateRequest",)),
    "cilium.io": frozenset(("CiliumIdentity", "CiliumEndpoint", "CiliumEndpointSlice")),
    "kyverno.io": frozenset(
        (
            "AdmissionReport",
            "BackgroundScanReport",
            "ClusterAdmissionReport",
            "ClusterBackgroundScanReport",
            "UpdateRequest",
        )
    ),
    "reports.kyverno.io": frozenset(("ClusterEphemeralReport", "EphemeralReport")),
    "wgpolicyk8s.io": frozenset(("ClusterPolicyReport", "PolicyReport")),
}


def problems(applications: Sequence[Application], rolling: RollingSync | None) -> Iterable[Problem]:
    """Yield what makes Applications impossible."""
    yield from _bad_apps(applications)
    yield from _bad_objects(applications)
    yield from _one_name_each(applications)
    if rolling is not None:
        yield from _one_step_each(applications, rolling)


def warnings(
    applications: Sequence[Application], templates: Iterable[ResourceTemplate] = ()
) -> Iterable[Problem]:
    """Yield what Argo CD will not do, though the bundles ask for it."""
    known = {template.app for template in templates}
    for one in applications:
        if not one.works and one.app not in known:
            yield Problem(
                message=f"has no manifests any more: Argo CD removes from {one.cluster} only what "
                "the AppProject allows",
                resource=f"Application/{one.name}",
                hint="list kinds and namespaces of what it left under argocd.allow, as long as the "
                "entry under retire stands",
            )
    for one in applications:
        if one.uncreated:
            yield Problem(
                message=f"lives in several namespaces: Argo CD creates {one.namespace}, but not "
                f"{', '.join(one.uncreated)}",
                resource=f"Application/{one.name}",
                hint="add Namespace manifests, or create them by other means",
            )
    for ref in sorted({work.ref for one in applications for work in one.works}):
        if ref.kind in _EXCLUDED.get(group_of(ref.api_version), ()):
            yield Problem(
                message=f"Argo CD leaves out the kind {ref.kind}, unless its resource.exclusions "
                "say something else",
                resource=str(ref),
            )


def _bad_apps(applications: Iterable[Application]) -> Iterable[Problem]:
    for app in sorted({one.app for one in applications}):
        if not app.isprintable():
            yield Problem(
                message=f"the app {one_line(app)} has characters in its name that do not print",
                hint="rename the folder",
            )


def _bad_objects(applications: Iterable[Application]) -> Iterable[Problem]:
    refs = {work.ref: work for one in applications for work in one.works}
    for ref in sorted(refs):
        if field := _bad_field(ref):
            yield Problem(
                message=f"overrides gave it a {field} that is not valid",
                resource=str(refs[ref].template),
                hint="correct the OverridePolicy; an AppProject would read it as a pattern",
            )
    for item in (item for one in applications for item in one.ignored):
        if not _NAME.fullmatch(item["name"]):
            yield Problem(
                message="a workload with an autoscaler needs the name of a DNS subdomain",
                resource=f"{item['kind']}/{item['namespace']}/{one_line(item['name'])}",
            )


def _bad_field(ref: ObjectReference) -> str:
    if ref.namespace and not is_dns_label(ref.namespace):
        return "namespace"
    return "" if is_group_kind(group_of(ref.api_version), ref.kind) else "kind or apiVersion"


def _one_name_each(applications: Sequence[Application]) -> Iterable[Problem]:
    names: dict[str, Application] = {}
    sets: dict[str, str] = {}
    for one in applications:
        other = names.setdefault(one.name, one)
        if other is not one:
            yield Problem(
                message=f"both {one_line(other.app)} on {other.cluster} and {one_line(one.app)} on "
                f"{one.cluster} would be the Application {one.name}",
                hint="rename one of the apps",
            )
        name = set_name(one.app)
        if sets.setdefault(name, one.app) != one.app:
            yield Problem(
                message=f"both apps {one_line(sets[name])} and {one_line(one.app)} would be the "
                f"ApplicationSet {name}",
                hint="rename one of the apps",
            )


def _one_step_each(applications: Iterable[Application], rolling: RollingSync) -> Iterable[Problem]:
    for one in applications:
        count = sum(_selects(step, one.labels) for step in rolling.steps)
        if count != 1:
            trouble = "no step selects it: Argo CD would never sync it"
            yield Problem(
                message=trouble if count == 0 else f"{count} steps select it",
                field="argocd.rollingSync.steps",
                resource=f"Application/{one.name}",
                hint="each Application belongs to exactly one step",
            )


def _selects(step: RollingStep, labels: Mapping[str, str]) -> bool:
    # progressivesync/progressive_sync.go: without the label, NotIn selects and In does not.
    return all(
        (labels.get(one.key) in one.values) is (one.operator == "In")
        for one in step.match_expressions
    )
