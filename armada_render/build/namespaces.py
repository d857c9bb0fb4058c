"""Namespaces that follow what lives in them.

Karmada gives every namespace to every cluster (pkg/controllers/namespace). Here a cluster gets
those in which it holds something.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from armada_render.build.assemble import Draft, begun, built
from armada_render.build.gather import Outcome, gathered
from armada_render.build.order import RuleIndex
from armada_render.model.binding import ResourceBinding
from armada_render.model.cluster import Cluster
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ResourceTemplate
from armada_render.model.work import Built

# pkg/util/names/names.go; `kube-` is the default of --skipped-propagating-namespaces.
_KEPT = frozenset(("default", "karmada-system", "karmada-cluster"))
_KEPT_PREFIXES = ("karmada-es-", "kube-")
_SKIP_LABEL = "namespace.karmada.io/skip-auto-propagation"


def namespaces(  # noqa: PLR0913 - all that a binding would say
    templates: Sequence[ResourceTemplate],
    bindings: Sequence[ResourceBinding],
    done: Built,
    override_policies: Sequence[OverridePolicy],
    clusters: Sequence[Cluster],
    *,
    trace: bool = False,
) -> Built:
    """Return `done` with the Namespaces of `templates` on the clusters that hold something in them.

    Where a binding puts a Namespace itself, or fails to, nothing is added.
    """
    wanted = {one.ref.name: one for one in templates if _follows(one)}
    if not wanted:
        return done
    policies = {one.ref: one.policy for one in bindings}
    targets = {one.ref: {target.name for target in one.targets} for one in bindings}
    inhabited: dict[str, list[str]] = {}
    for cluster, works in done.works.items():
        for name in {work.ref.namespace for work in works} & wanted.keys():
            inhabited.setdefault(name, []).append(cluster)
    index = RuleIndex(override_policies, clusters)
    outcomes: list[Outcome] = []
    for name, names in sorted(inhabited.items()):
        template = wanted[name]
        bound = targets.get(template.ref, ())
        missing = tuple(one for one in names if one not in bound)
        if missing:
            draft = _draft(template, policies.get(template.ref), missing)
            outcomes += built(replace(draft, trace=begun(template)) if trace else draft, index)
    return _merged(done, gathered(outcomes, {}))


def _draft(
    template: ResourceTemplate, policy: PropagationPolicy | None, names: tuple[str, ...]
) -> Draft:
    return Draft(
        template=template,
        policy=policy,
        ref=template.ref,
        manifest=template.manifest,
        replicas=None,
        clusters=names,
    )


def _follows(template: ResourceTemplate) -> bool:
    ref = template.ref
    return (
        (ref.api_version, ref.kind) == ("v1", "Namespace")
        and ref.name not in _KEPT
        and not ref.name.startswith(_KEPT_PREFIXES)
        and template.labels.get(_SKIP_LABEL, "").lower() != "true"
        and not template.manifest["metadata"].get("deletionTimestamp")
    )


def _merged(first: Built, second: Built) -> Built:
    works = dict(first.works)
    for cluster, more in second.works.items():
        works[cluster] = tuple(sorted((*works[cluster], *more), key=lambda work: work.ref))
    return Built(works=works, suspended=first.suspended, errors=first.errors + second.errors)
