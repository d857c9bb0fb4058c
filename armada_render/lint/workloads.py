"""Rules about workloads by themselves: who takes them, which images they run, who scales them."""

from collections.abc import Iterator

from armada_render.lint.reach import Node, node, nodes, pod_template, text
from armada_render.lint.subject import Subject
from armada_render.lint.words import called, listed
from armada_render.model.placement import SchedulingType
from armada_render.model.resource import Manifest, ObjectReference
from armada_render.model.result import Level, Result, Rule

NOT_PROPAGATED = Rule(
    id="workload-not-propagated",
    summary="No policy takes a workload",
    description="The object runs pods, and no PropagationPolicy or ClusterPropagationPolicy "
    "selects it: no cluster gets it.",
    fix="select it in the resourceSelectors of a policy, or list its file under ignore",
)
LATEST = Rule(
    id="image-latest",
    summary="An image has no tag, or the tag latest",
    description="Which image runs is decided when a pod starts: clusters, and pods of one "
    "cluster, may run different ones, and Git does not say which.",
    fix="name a version, or better a digest",
)
CONTESTED = Rule(
    id="replicas-contested",
    summary="An autoscaler scales a workload whose replicas are divided",
    description="The policy divides spec.replicas between clusters and writes each cluster's share "
    "into the manifest, and on the same cluster an autoscaler changes that number. Each sets back "
    "what the other did, and minReplicas and maxReplicas count on every cluster by themselves.",
    fix="use the type Duplicated and leave spec.replicas out, so that the autoscaler alone decides",
)

VOLUME = Rule(
    id="failover-leaves-volume",
    summary="A workload may fail over, and its volumes do not",
    description="The policy has spec.failover, and the workload writes to a PersistentVolumeClaim. "
    "Claims are bound to volumes of one cluster: where the workload moves it begins with an empty "
    "one, and what it wrote stays behind.",
    fix="replicate the data, or take spec.failover out of the policy",
)
EVERYWHERE = Rule(
    id="job-on-several-clusters",
    summary="A Job or CronJob runs on several clusters",
    description="Under the type Duplicated every cluster of the placement runs it, every time: a "
    "clean-up, a migration, a mail to all customers happens several times.",
    fix="let the policy select one cluster by spreadConstraints with maxGroups: 1, unless each "
    "cluster has work of its own",
    level=Level.NOTE,
)

RULES = (NOT_PROPAGATED, LATEST, CONTESTED, VOLUME, EVERYWHERE)

_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def check(subject: Subject) -> Iterator[Result]:
    """Look at each workload."""
    yield from _not_propagated(subject)
    yield from _latest(subject)
    yield from _contested(subject)
    yield from _volumes(subject)
    yield from _jobs(subject)


def _not_propagated(subject: Subject) -> Iterator[Result]:
    if subject.rendering.rejected:
        # What they would have taken is not known, and they are errors anyway.
        return
    for ref in subject.rendering.unpropagated:
        manifest = subject.templates[ref].manifest
        _, pods = pod_template(manifest)
        if pods and not manifest["metadata"].get("ownerReferences"):
            why = subject.rendering.passed_over.get(ref, "")
            message = "no policy takes it, so no cluster gets it"
            yield subject.about(NOT_PROPAGATED, ref, f"{message}: {why}" if why else message)


def _latest(subject: Subject) -> Iterator[Result]:
    seen: set[tuple[ObjectReference, str, str]] = set()
    for work, clusters in subject.works:
        for field, image in _images(work.manifest):
            if not _is_moving(image) or (work.template, field, image) in seen:
                continue
            seen.add((work.template, field, image))
            template = subject.templates.get(work.template)
            is_own = template is not None and (field, image) in _images(template.manifest)
            where = "" if is_own else f" on {listed(clusters)}, where overrides make it so"
            yield subject.about(
                LATEST, work.template, f'"{image}" names no version{where}', field=field, key=image
            )


def _images(manifest: Manifest) -> Iterator[tuple[str, str]]:
    path, pods = pod_template(manifest)
    prefix = f"{path}.spec" if path else "spec"
    for kind in ("initContainers", "containers"):
        for index, container in nodes(pods, "spec", kind):
            if image := text(container, "image"):
                yield f"{prefix}.{kind}[{index}].image", image


def _is_moving(image: str) -> bool:
    """Tell whether a reference names no version (distribution/reference: name, tag, digest)."""
    name, _, digest = image.partition("@")
    if digest:
        return False
    _, _, tag = name.rpartition("/")[2].partition(":")
    return tag in ("", "latest")


def _contested(subject: Subject) -> Iterator[Result]:
    for relation in subject.relations:
        scaler = relation.source
        if scaler.kind not in _SCALERS or not relation.serves:
            continue
        for target in relation.targets:
            ours, theirs = subject.bindings.get(target), subject.bindings.get(scaler)
            if ours is None or theirs is None or ours.placement is None:
                continue
            if ours.placement.scheduling_type is not SchedulingType.DIVIDED or not ours.is_workload:
                continue
            shared = {one.name for one in ours.targets} & {one.name for one in theirs.targets}
            if shared and ours.policy is not None:
                yield subject.about(
                    CONTESTED,
                    target,
                    f"{ours.policy.key} divides it, and {called(scaler)} scales it on "
                    f"{listed(sorted(shared))}",
                    field="spec.replicas",
                    key=scaler.name,
                )


def _volumes(subject: Subject) -> Iterator[Result]:
    for ref, binding in subject.bindings.items():
        if binding.failover is None or binding.policy is None:
            continue
        for field, claim in _claims(binding.template.manifest):
            yield subject.about(
                VOLUME,
                ref,
                f"{binding.policy.key} lets it fail over, and its claim {claim} stays behind",
                field=field,
                key=claim,
            )


def _claims(manifest: Node) -> Iterator[tuple[str, str]]:
    """Yield what a workload writes to, each with the field that says so."""
    path, pods = pod_template(manifest)
    prefix = f"{path}.spec" if path else "spec"
    for index, volume in nodes(pods, "spec", "volumes"):
        claim = node(volume, "persistentVolumeClaim")
        if claim and claim.get("readOnly") is not True:
            yield f"{prefix}.volumes[{index}]", text(claim, "claimName")
    for index, made in nodes(manifest, "spec", "volumeClaimTemplates"):
        yield f"spec.volumeClaimTemplates[{index}]", text(made, "metadata", "name")


def _jobs(subject: Subject) -> Iterator[Result]:
    for ref, binding in subject.bindings.items():
        is_job = ref.kind in ("Job", "CronJob") and ref.api_version.startswith("batch/")
        if not is_job or binding.placement is None or binding.policy is None:
            continue
        # A CronJob has no replicas to divide: any type copies it.
        divided = binding.placement.scheduling_type is SchedulingType.DIVIDED
        names = [target.name for target in binding.targets]
        if len(names) > 1 and not (divided and ref.kind == "Job"):
            yield subject.about(EVERYWHERE, ref, f"runs on each of {listed(names)}")
