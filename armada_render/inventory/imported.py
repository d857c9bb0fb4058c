"""What other places know of clusters, as our inventory says it. Pure; credentials never get here.

Karmada's own `Cluster` objects, Argo CD's cluster Secrets (their `config`, where the credentials
are, is not looked at), and what an API server says of itself.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from armada_render.emit.argocd.destinations import NAME_ANNOTATION
from armada_render.errors import InputError, Problem, one_line
from armada_render.interpret.podtemplate import requirements
from armada_render.interpret.values import InterpretError
from armada_render.load.identity import is_namespace_name
from armada_render.model import quantity

_LONGEST_NAME = 48
_REGION = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_ZONE = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
_BINARY = ("memory", "ephemeral-storage", "hugepages-", "storage")
_ARGOCD = "argocd.argoproj.io/"
_SECRET_TYPE = f"{_ARGOCD}secret-type"
_VERSION = f"{_ARGOCD}kubernetes-version"

# How Karmada reaches a cluster is its own affair, and some of it is secret.
_SPEC = ("syncMode", "provider", "region", "zone", "zones", "taints", "resourceModels")
_STATUS = ("kubernetesVersion", "apiEnablements", "resourceSummary")


class ImportedCluster(Struct, frozen=True, kw_only=True):
    """A cluster as another place describes it; what that place does not know is not there."""

    name: str
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    spec: Mapping[str, Any] = {}
    status: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()


class Survey(Struct, frozen=True, kw_only=True):
    """What an API server said; None for what it did not tell.

    `apis` are lists of resources (`APIResourceList`), one for each group and version.
    """

    version: str = ""
    nodes: Sequence[Mapping[str, Any]] | None = None
    pods: Sequence[Mapping[str, Any]] | None = None
    apis: Sequence[Mapping[str, Any]] | None = None
    notes: tuple[str, ...] = ()


def from_karmada(objects: Iterable[Mapping[str, Any]]) -> list[ImportedCluster]:
    """Return the clusters among objects of a Karmada control plane, without its access data."""
    found = []
    for item in objects:
        if item.get("kind") != "Cluster" or not _is_of(item, "cluster.karmada.io/"):
            continue
        metadata, spec, status = (_map(item, key) for key in ("metadata", "spec", "status"))
        annotations = _strings(metadata.get("annotations"))
        found.append(
            ImportedCluster(
                name=_name(str(metadata.get("name", "")), "Karmada"),
                labels=_strings(metadata.get("labels")),
                annotations={
                    key: text
                    for key, text in annotations.items()
                    if key.startswith("armada-render/")
                },
                spec={key: spec[key] for key in _SPEC if spec.get(key)},
                status={key: status[key] for key in _STATUS if status.get(key)},
            )
        )
    return found


def from_argocd(objects: Iterable[Mapping[str, Any]]) -> list[ImportedCluster]:
    """Return the clusters that Secrets register in Argo CD: names, labels and version."""
    found = []
    for item in objects:
        metadata = _map(item, "metadata")
        labels = _strings(metadata.get("labels"))
        if item.get("kind") != "Secret" or labels.get(_SECRET_TYPE) != "cluster":
            continue
        given = _decoded(item, "name") or str(metadata.get("name", ""))
        name = _slug(given)
        version = labels.get(_VERSION) or _strings(metadata.get("annotations")).get(_VERSION, "")
        found.append(
            ImportedCluster(
                name=_name(name, "Argo CD"),
                labels={key: text for key, text in labels.items() if not key.startswith(_ARGOCD)},
                annotations={} if name == given else {NAME_ANNOTATION: given},
                status={"kubernetesVersion": _full_version(version)} if version else {},
            )
        )
    return found


def from_survey(name: str, survey: Survey) -> ImportedCluster:
    """Return a cluster as its API server and its nodes describe it."""
    notes = list(survey.notes)
    nodes = survey.nodes or ()
    spec: dict[str, Any] = {}
    for field, values in (
        ("provider", {_provider(node) for node in nodes} - {""}),
        ("region", {_label(node, _REGION) for node in nodes} - {""}),
    ):
        if len(values) == 1:
            spec[field] = values.pop()
        elif values:
            notes.append(f"{name}: the nodes name more than one {field}, which is left out")
    zones = sorted({_label(node, _ZONE) for node in nodes} - {""})
    if zones:
        spec["zones"] = zones
    status: dict[str, Any] = {}
    if survey.version:
        status["kubernetesVersion"] = survey.version
    if survey.apis is not None:
        status["apiEnablements"] = _enablements(survey.apis)
    if survey.nodes is not None:
        status["resourceSummary"] = _summary(survey.nodes, survey.pods)
    return ImportedCluster(
        name=_name(_slug(name), "the kubeconfig"), spec=spec, status=status, notes=tuple(notes)
    )


def _summary(
    nodes: Sequence[Mapping[str, Any]], pods: Sequence[Mapping[str, Any]] | None
) -> dict[str, Any]:
    """Return capacity as Karmada counts it (cluster_status_controller.go, getResourceSummary)."""
    allocatable: dict[str, int] = {}
    allocating: dict[str, int] = {}
    allocated: dict[str, int] = {}
    for node in nodes:
        _add(allocatable, _map(_map(node, "status"), "allocatable"))
    for pod in pods or ():
        if not _map(pod, "spec").get("nodeName"):
            _add_pod(allocating, pod)
        elif _map(pod, "status").get("phase") not in ("Succeeded", "Failed"):
            _add_pod(allocated, pod)
    summary = {"allocatable": allocatable, "allocating": allocating, "allocated": allocated}
    return {key: _texts(amounts) for key, amounts in summary.items() if amounts}


def _add_pod(total: dict[str, int], pod: Mapping[str, Any]) -> None:
    try:
        needed = requirements({"spec": _map(pod, "spec")})
    except InterpretError:
        return  # no API server stores such a pod
    _add(total, needed.resource_request if needed else {})
    total["pods"] = total.get("pods", 0) + quantity.NANO


def _add(total: dict[str, int], amounts: Mapping[str, Any]) -> None:
    for name, amount in amounts.items():
        try:
            total[name] = total.get(name, 0) + quantity.parse(amount)
        except (TypeError, ValueError):
            raise InputError(f"{one_line(name)} of a node is no resource quantity") from None


def _texts(amounts: Mapping[str, int]) -> dict[str, str]:
    return {
        name: quantity.canonical(amount, binary=name.startswith(_BINARY))
        for name, amount in sorted(amounts.items())
    }


def _enablements(lists: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is served, subresources left out (getAPIEnablements)."""
    found = []
    for item in lists:
        resources = [
            {"kind": str(one["kind"]), "name": str(one["name"])}
            for one in item.get("resources") or ()
            if "/" not in str(one.get("name", "/")) and one.get("kind")
        ]
        if resources:
            resources.sort(key=lambda one: one["name"])
            found.append({"groupVersion": str(item.get("groupVersion")), "resources": resources})
    return sorted(found, key=lambda one: str(one["groupVersion"]))


def _provider(node: Mapping[str, Any]) -> str:
    """Return what is before `://` in a node's provider id: aws, gce, azure, kind."""
    return str(_map(node, "spec").get("providerID", "")).partition("://")[0]


def _label(node: Mapping[str, Any], keys: Sequence[str]) -> str:
    labels = _strings(_map(node, "metadata").get("labels"))
    return next((labels[key] for key in keys if labels.get(key)), "")


def _decoded(secret: Mapping[str, Any], key: str) -> str:
    """Return one entry of a Secret; the others are not even decoded."""
    plain = _map(secret, "stringData").get(key)
    if isinstance(plain, str):
        return plain
    encoded = _map(secret, "data").get(key)
    if not isinstance(encoded, str):
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        name = one_line(str(_map(secret, "metadata").get("name")))
        raise InputError(f"{key} of the Secret {name} is not base64 of text") from None


def _slug(text: str) -> str:
    """Return a name made of `text` as Karmada's clusters may have it."""
    if is_namespace_name(text) and len(text) <= _LONGEST_NAME:
        return text
    words = re.sub(r"^[a-z]+://", "", text.lower())
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:_LONGEST_NAME].strip("-")


def _name(name: str, whose: str) -> str:
    if not is_namespace_name(name):
        raise InputError(
            Problem(
                message=f'"{one_line(name)}", as {whose} has it, cannot be the name of a cluster',
                hint="use lower-case letters, digits and '-', with a letter or digit at both ends",
            )
        )
    return name


def _full_version(version: str) -> str:
    return version if version.startswith("v") else f"v{version}"


def _is_of(item: Mapping[str, Any], group: str) -> bool:
    return str(item.get("apiVersion", "")).startswith(group)


def _map(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _strings(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): text for key, text in value.items() if isinstance(text, str)}
