"""Member clusters that are real API servers, and what Argo CD does to them: apply and prune."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import urllib3

from armada_render.model.work import Work
from tests.support.apiserver import APIServer, Kubernetes, RefusedError
from tests.support.members import TOKEN

OWNER = "drill/app"
_CUSTOM = (
    ("argoproj.io", "v1alpha1", "Rollout", "rollouts"),
    ("networking.istio.io", "v1", "Gateway", "gateways"),
    ("networking.istio.io", "v1", "VirtualService", "virtualservices"),
)
_PATHS = {
    ("apps/v1", "Deployment"): "/apis/apps/v1/namespaces/{}/deployments",
    ("v1", "Service"): "/api/v1/namespaces/{}/services",
    ("v1", "ConfigMap"): "/api/v1/namespaces/{}/configmaps",
} | {
    (f"{group}/{version}", kind): f"/apis/{group}/{version}/namespaces/{{}}/{plural}"
    for group, version, kind, plural in _CUSTOM
}


class RealMember:
    """A cluster with an API server of its own; `kill` takes it away, `revive` brings it back."""

    def __init__(self, kubernetes: Kubernetes, name: str) -> None:
        self.name = name
        self.server: APIServer = kubernetes.start(name, {TOKEN: ("armada-render", ())})
        self._applied: dict[str, tuple[Work, ...]] = {}

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def is_alive(self) -> bool:
        return self.server.is_running

    def prepare(self) -> None:
        """Wait for it, and let it know the kinds that the example fleet uses."""
        self.server.wait_ready()
        for group, version, kind, plural in _CUSTOM:
            self.server.ask(
                "POST",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                _definition(group, version, kind, plural),
            )

    def kill(self) -> None:
        self.server.kill()
        self._applied = {}

    def revive(self) -> None:
        self.server.start()
        self.server.wait_ready()

    def apply(self, app: str, works: tuple[Work, ...]) -> None:
        """Make the cluster hold exactly these objects of an app, as Argo CD with prune does."""
        if self._applied.get(app) == works:
            return
        try:
            wanted = {self._apply(app, work) for work in works}
            for path in self._objects(app) - wanted:
                self.server.ask("DELETE", path)
        except (RefusedError, urllib3.exceptions.HTTPError, OSError):
            return  # a kind that is not served yet, or a cluster that dies meanwhile: tried again
        self._applied[app] = works

    def running(self) -> dict[str, int]:
        """Return what runs here with its replicas, asked of the cluster itself."""
        found: dict[str, int] = {}
        for kind in (("apps/v1", "Deployment"), ("argoproj.io/v1alpha1", "Rollout")):
            items: Iterable[Any] = self.server.ask("GET", _PATHS[kind].format("default"))["items"]
            for item in items:
                found[f"{kind[1]}/{item['metadata']['name']}"] = item["spec"].get("replicas", 1)
        return found

    def _apply(self, app: str, work: Work) -> str:
        ref = work.ref
        path = f"{_PATHS[ref.api_version, ref.kind].format(ref.namespace)}/{ref.name}"
        labels = {**work.manifest["metadata"].get("labels", {}), OWNER: app}
        metadata = {**work.manifest["metadata"], "labels": labels}
        body = {**work.manifest, "metadata": metadata}
        try:
            self.server.ask("POST", path.rpartition("/")[0], body)
        except RefusedError as error:
            if error.status != 409:
                raise
            self.server.ask("PATCH", path, body)
        return path

    def _objects(self, app: str) -> set[str]:
        found = set()
        for pattern in _PATHS.values():
            path = pattern.format("default")
            with suppress(RefusedError):
                items = self.server.ask("GET", f"{path}?labelSelector={OWNER}%3D{app}")["items"]
                found |= {f"{path}/{item['metadata']['name']}" for item in items}
        return found


def _definition(group: str, version: str, kind: str, plural: str) -> dict[str, Any]:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }
