"""The templates of a fleet by what others call them: by name, by labels, by what they make."""

from collections.abc import Iterable, Iterator

from armada_render.lint.reach import Node, group, node, pod_template, text
from armada_render.model.resource import ObjectReference, ResourceTemplate, string_map
from armada_render.model.selector import LabelSelector

_Label = tuple[str, str, str]
"""Namespace, key and value."""

# What makes a Secret of a given name: where it is, the Secret is as good as there.
_SECRET_MAKERS = {
    ("external-secrets.io", "ExternalSecret"): ("spec", "target", "name"),
    ("bitnami.com", "SealedSecret"): ("spec", "template", "metadata", "name"),
    ("cert-manager.io", "Certificate"): ("spec", "secretName"),
}


class Objects:
    """An index over templates; the version of an API does not matter, its group does."""

    def __init__(self, templates: Iterable[ResourceTemplate]) -> None:
        self.templates = tuple(templates)
        self._by_name: dict[tuple[str, str, str, str], list[ObjectReference]] = {}
        self._pods = _Labelled()
        self._services = _Labelled()
        self._definitions: dict[tuple[str, str], list[ObjectReference]] = {}
        for template in self.templates:
            ref = template.ref
            self._add(group(ref.api_version), ref.kind, ref.namespace, ref.name, ref)
            if made := _made_secret(template):
                self._add("", "Secret", ref.namespace, made, ref)
            if ref.api_version == "v1" and ref.kind == "Service":
                self._services.add(ref, template.labels)
            if ref.kind == "CustomResourceDefinition":
                spec = node(template.manifest, "spec")
                key = (text(spec, "group"), text(spec, "names", "kind"))
                self._definitions.setdefault(key, []).append(ref)
            _, pods = pod_template(template.manifest)
            if pods:
                self._pods.add(ref, string_map(node(pods, "metadata").get("labels")))

    def _add(self, api: str, kind: str, namespace: str, name: str, ref: ObjectReference) -> None:
        self._by_name.setdefault((api, kind, namespace, name), []).append(ref)

    def named(self, api: str, kind: str, namespace: str, name: str) -> tuple[ObjectReference, ...]:
        """Return what bears the name, and what makes it on the cluster; mostly one or none."""
        return tuple(self._by_name.get((api, kind, namespace, name), ()))

    def definitions(self, api: str, kind: str) -> tuple[ObjectReference, ...]:
        """Return the CustomResourceDefinition of a kind; mostly one or none."""
        return tuple(self._definitions.get((api, kind), ()))

    def workloads(self, namespace: str, selector: LabelSelector) -> tuple[ObjectReference, ...]:
        """Return the workloads of a namespace ("": of all) whose pods a selector takes."""
        return tuple(self._pods.selected(namespace, selector))

    def services(self, namespace: str, selector: LabelSelector) -> tuple[ObjectReference, ...]:
        """Return the Services of a namespace ("": of all) that a selector takes."""
        return tuple(self._services.selected(namespace, selector))


class _Labelled:
    """Things with labels, found by one of them."""

    def __init__(self) -> None:
        self._all: list[tuple[ObjectReference, dict[str, str]]] = []
        self._by_namespace: dict[str, list[int]] = {}
        self._by_label: dict[_Label, list[int]] = {}

    def add(self, ref: ObjectReference, labels: object) -> None:
        own = dict(string_map(labels))
        number = len(self._all)
        self._all.append((ref, own))
        for namespace in {ref.namespace, ""}:
            self._by_namespace.setdefault(namespace, []).append(number)
            for key, value in own.items():
                self._by_label.setdefault((namespace, key, value), []).append(number)

    def selected(self, namespace: str, selector: LabelSelector) -> Iterator[ObjectReference]:
        found = [
            self._by_label.get((namespace, *pair), []) for pair in selector.match_labels.items()
        ]
        numbers = min(found, key=len) if found else self._by_namespace.get(namespace, [])
        for number in numbers:
            ref, labels = self._all[number]
            if selector.matches(labels):
                yield ref


def _made_secret(template: ResourceTemplate) -> str:
    """Return the name of the Secret that an object makes, "" when it makes none."""
    manifest: Node = template.manifest
    path = _SECRET_MAKERS.get((group(template.ref.api_version), template.ref.kind))
    return (text(manifest, *path) or template.ref.name) if path else ""
