"""How to reach Argo CD's API server and the member clusters."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from armada_render.controller.kube import Kube, contexts, from_kubeconfig, in_cluster
from armada_render.controller.members import Member, Members, from_contexts

_LOCAL = ("in-cluster", "https://kubernetes.default.svc")
"""How Argo CD calls the cluster that it runs in."""


class Access(Struct, frozen=True, kw_only=True):
    """Where Argo CD is, and the Lease beside it.

    `kubeconfig` and `context` None is the cluster that this runs in; `member_kubeconfig` None means
    that Argo CD's cluster Secrets say how to reach the members. `selector` chooses Applications.
    """

    kubeconfig: str | None = None
    context: str | None = None
    member_kubeconfig: str | None = None
    argocd_namespace: str = "argocd"
    selector: str = ""
    probe_timeout: float = 5.0
    lease_namespace: str = "argocd"
    lease_name: str = "armada-render-controller"


def connect(access: Access) -> Kube:
    """Return the API server that Argo CD's objects are in; `KubeError` without credentials."""
    if access.kubeconfig is None and access.context is None:
        return in_cluster()
    return from_kubeconfig(access.kubeconfig, access.context)


def members(access: Access, kube: Kube) -> Callable[[], Iterable[Member]]:
    """Return what finds the member clusters, by Argo CD's Secrets or a kubeconfig."""
    path = access.member_kubeconfig
    if path is not None:
        found = from_contexts(path, contexts(path), access.probe_timeout)
        return lambda: found
    secrets = Members(kube, access.argocd_namespace, access.probe_timeout)
    local = Member(*_LOCAL, "", kube)

    def both() -> Iterable[Member]:
        others = secrets.read()
        # A Secret may name the local cluster too, and goes before what Argo CD takes for granted.
        if any(_LOCAL[0] == one.name or _LOCAL[1] == one.server.rstrip("/") for one in others):
            return others
        return (local, *others)

    return both
