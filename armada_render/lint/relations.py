"""Which objects belong on the same cluster, since one names or selects the other.

What Karmada calls dependencies is asked of the interpreter, customizations included; the rest is
read here: what routes to a Service, scales, protects or watches a workload, and what a kind needs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from armada_render.interpret import Interpreter, InterpretError, podtemplate
from armada_render.lint.objects import Objects
from armada_render.lint.optional import Name, dispensable
from armada_render.lint.reach import (
    Node,
    group,
    node,
    nodes,
    pod_template,
    selector,
    text,
    texts,
)
from armada_render.model.resource import ObjectReference, ResourceTemplate, string_map
from armada_render.model.selector import LabelSelector

Refs = tuple[ObjectReference, ...]


class Relation(Struct, frozen=True, kw_only=True):
    """`source` names or selects `targets`, of which any one will do; `field` says where.

    `needs`: the source is broken on a cluster without a target, else it is only idle there.
    `serves`: each target misses the source on a cluster without it.
    `follows`: with `propagateDeps` the targets go where the source goes.
    """

    source: ObjectReference
    targets: Refs
    field: str
    needs: bool = False
    serves: bool = False
    follows: bool = False


def relations(
    templates: Iterable[ResourceTemplate], interpreter: Interpreter
) -> tuple[Relation, ...]:
    """Return the relations between `templates`; those to what is not among them have none."""
    objects = Objects(templates)
    return tuple(
        relation
        for template in objects.templates
        for relation in _of(template, objects, interpreter)
        if relation.targets and relation.source not in relation.targets
    )


def _of(
    template: ResourceTemplate, objects: Objects, interpreter: Interpreter
) -> Iterator[Relation]:
    _, pods = pod_template(template.manifest)
    spare = dispensable(pods)
    followed = tuple(_followed(template, objects, interpreter, spare))
    yield from followed
    known = {target for relation in followed for target in relation.targets}
    readers = _READERS.get((group(template.ref.api_version), template.ref.kind), ())
    for read in (_pods_need, _definition, *readers):
        for relation in read(template, objects):
            is_spare = any((one.kind, one.name) in spare for one in relation.targets)
            if relation.serves or (known.isdisjoint(relation.targets) and not is_spare):
                yield relation


def _followed(
    template: ResourceTemplate, objects: Objects, interpreter: Interpreter, spare: frozenset[Name]
) -> Iterator[Relation]:
    """Yield what Karmada would take along by name, without what pods can do without."""
    try:
        found = interpreter.dependencies(template.manifest)
    except InterpretError:
        # Rendering says so where it matters.
        return
    for item in found or ():
        if item.name and (item.kind, item.name) not in spare:
            targets = objects.named(group(item.api_version), item.kind, item.namespace, item.name)
            yield Relation(source=template.ref, targets=targets, field="", needs=True, follows=True)


def _pods_need(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    """Yield what pods of any kind name, where the interpreter does not know the kind."""
    path, pods = pod_template(template.manifest)
    if not pods:
        return
    ref, namespace = template.ref, template.ref.namespace
    spec = node(pods, "spec")
    prefix = f"{path}.spec" if path else "spec"
    for kind, api, field in (
        ("PriorityClass", "scheduling.k8s.io", "priorityClassName"),
        ("RuntimeClass", "node.k8s.io", "runtimeClassName"),
    ):
        if name := text(spec, field):
            targets = objects.named(api, kind, "", name)
            yield Relation(source=ref, targets=targets, field=f"{prefix}.{field}", needs=True)
    try:
        found = podtemplate.dependencies(pods, namespace)
    except InterpretError:
        return
    for item in found:
        targets = objects.named("", item.kind, item.namespace, item.name)
        yield Relation(source=ref, targets=targets, field=prefix, needs=True)


def _definition(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    """Yield the CustomResourceDefinition of an object; its name alone is not enough to find it."""
    ref = template.ref
    definitions = objects.definitions(group(ref.api_version), ref.kind)
    yield Relation(source=ref, targets=definitions, field="apiVersion", needs=True)


def _service(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    wanted = string_map(node(template.manifest, "spec").get("selector"))
    if wanted:
        yield _selecting(
            template, objects, LabelSelector(match_labels=dict(wanted)), "spec.selector"
        )


def _selecting(
    template: ResourceTemplate, objects: Objects, wanted: LabelSelector, field: str
) -> Relation:
    """Return the relation of what selects pods of its own namespace."""
    found = objects.workloads(template.ref.namespace, wanted)
    return Relation(source=template.ref, targets=found, field=field, serves=True)


def _pod_selector(*path: str) -> "_Reader":
    def read(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
        wanted = selector(node(template.manifest, *path[:-1]).get(path[-1]))
        # An empty selector takes every pod: such an object is about its namespace.
        if wanted is not None and (wanted.match_labels or wanted.match_expressions):
            yield _selecting(template, objects, wanted, ".".join(path))

    return read


def _scaler(api: str, kind: str, *path: str) -> "_Reader":
    """Return a reader of what scales or sizes the object at `path`; `kind` is its default."""

    def read(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
        target = node(template.manifest, *path)
        version = text(target, "apiVersion")
        found = objects.named(
            group(version) if version else api,
            text(target, "kind") or kind,
            template.ref.namespace,
            text(target, "name"),
        )
        yield Relation(source=template.ref, targets=found, field=".".join(path), serves=True)

    return read


def _stateful_set(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    name = text(template.manifest, "spec", "serviceName")
    yield _names(template, "spec.serviceName", _services(template, objects, name))


def _names(
    template: ResourceTemplate, field: str, targets: Refs, *, serves: bool = False
) -> Relation:
    return Relation(source=template.ref, targets=targets, field=field, needs=True, serves=serves)


def _services(template: ResourceTemplate, objects: Objects, name: str, namespace: str = "") -> Refs:
    return objects.named("", "Service", namespace or template.ref.namespace, name)


def _ingress(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    spec = node(template.manifest, "spec")
    backends = [("spec.defaultBackend", node(spec, "defaultBackend"))]
    for rule_index, rule in nodes(spec, "rules"):
        for path_index, path in nodes(rule, "http", "paths"):
            where = f"spec.rules[{rule_index}].http.paths[{path_index}].backend"
            backends.append((where, node(path, "backend")))
    for field, backend in backends:
        name = text(backend, "service", "name")
        yield _names(template, field, _services(template, objects, name), serves=True)
    name = text(spec, "ingressClassName")
    classes = objects.named("networking.k8s.io", "IngressClass", "", name)
    yield _names(template, "spec.ingressClassName", classes)


def _route(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    """Read a route of the Gateway API: the Gateways above it, the Services below it."""
    spec = node(template.manifest, "spec")
    for index, parent in nodes(spec, "parentRefs"):
        found = objects.named(
            "gateway.networking.k8s.io",
            text(parent, "kind") or "Gateway",
            text(parent, "namespace") or template.ref.namespace,
            text(parent, "name"),
        )
        yield _names(template, f"spec.parentRefs[{index}]", found)
    for rule_index, rule in nodes(spec, "rules"):
        for index, backend in nodes(rule, "backendRefs"):
            if text(backend, "kind") in ("", "Service"):
                found = _services(
                    template, objects, text(backend, "name"), text(backend, "namespace")
                )
                field = f"spec.rules[{rule_index}].backendRefs[{index}]"
                yield _names(template, field, found, serves=True)


def _gateway(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    spec = node(template.manifest, "spec")
    classes = objects.named(
        "gateway.networking.k8s.io", "GatewayClass", "", text(spec, "gatewayClassName")
    )
    yield _names(template, "spec.gatewayClassName", classes)
    for index, listener in nodes(spec, "listeners"):
        for number, secret in nodes(listener, "tls", "certificateRefs"):
            namespace = text(secret, "namespace") or template.ref.namespace
            found = objects.named("", "Secret", namespace, text(secret, "name"))
            field = f"spec.listeners[{index}].tls.certificateRefs[{number}]"
            yield _names(template, field, found)


def _virtual_service(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    spec = node(template.manifest, "spec")
    for index, name in enumerate(texts(spec, "gateways")):
        namespace, _, gateway = name.rpartition("/")
        found = objects.named(
            "networking.istio.io", "Gateway", namespace or template.ref.namespace, gateway
        )
        yield _names(template, f"spec.gateways[{index}]", found)
    for protocol in ("http", "tls", "tcp"):
        for rule_index, rule in nodes(spec, protocol):
            for index, route in nodes(rule, "route"):
                field = f"spec.{protocol}[{rule_index}].route[{index}].destination.host"
                found = _host(template, objects, text(route, "destination", "host"))
                yield _names(template, field, found, serves=True)


def _host(template: ResourceTemplate, objects: Objects, host: str) -> Refs:
    """Return the Service that a name of Istio stands for: short names are in its namespace."""
    name, _, rest = host.partition(".")
    namespace, _, domain = rest.partition(".")
    if domain not in ("", "svc", "svc.cluster.local"):
        return ()
    return _services(template, objects, name, namespace)


def _destination_rule(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    found = _host(template, objects, text(template.manifest, "spec", "host"))
    yield Relation(source=template.ref, targets=found, field="spec.host", serves=True)


def _monitor(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    """Read a ServiceMonitor; one that looks into other namespaces stands where it likes."""
    spec = node(template.manifest, "spec")
    wanted = selector(spec.get("selector"))
    if wanted is not None and wanted.match_labels and "namespaceSelector" not in spec:
        found = objects.services(template.ref.namespace, wanted)
        yield Relation(source=template.ref, targets=found, field="spec.selector", serves=True)


def _binding(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    """Read a RoleBinding: the role that it needs, the ServiceAccounts that miss it."""
    role = node(template.manifest, "roleRef")
    kind = text(role, "kind")
    namespace = template.ref.namespace if kind == "Role" else ""
    found = objects.named("rbac.authorization.k8s.io", kind, namespace, text(role, "name"))
    yield _names(template, "roleRef", found)
    for index, subject in nodes(template.manifest, "subjects"):
        if text(subject, "kind") == "ServiceAccount":
            home = text(subject, "namespace") or template.ref.namespace
            accounts = objects.named("", "ServiceAccount", home, text(subject, "name"))
            field = f"subjects[{index}]"
            yield Relation(source=template.ref, targets=accounts, field=field, serves=True)


def _service_account(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    for field in ("imagePullSecrets", "secrets"):
        for index, secret in nodes(template.manifest, field):
            found = objects.named("", "Secret", template.ref.namespace, text(secret, "name"))
            yield _names(template, f"{field}[{index}]", found)


def _claim(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    spec = node(template.manifest, "spec")
    for field, api, kind in (
        ("storageClassName", "storage.k8s.io", "StorageClass"),
        ("volumeName", "", "PersistentVolume"),
    ):
        if name := text(spec, field):
            yield _names(template, f"spec.{field}", objects.named(api, kind, "", name))


def _rollout(template: ResourceTemplate, objects: Objects) -> Iterator[Relation]:
    """Read what an Argo Rollout steers traffic with, and where its pods are described."""
    strategy = node(template.manifest, "spec", "strategy")
    for path in (
        ("canary", "stableService"),
        ("canary", "canaryService"),
        ("blueGreen", "activeService"),
        ("blueGreen", "previewService"),
    ):
        found = _services(template, objects, text(strategy, *path))
        yield _names(template, f"spec.strategy.{'.'.join(path)}", found)
    for field, name in _virtual_services(strategy):
        home, _, bare = name.rpartition("/")
        found = objects.named(
            "networking.istio.io", "VirtualService", home or template.ref.namespace, bare
        )
        yield _names(template, field, found)
    target = node(template.manifest, "spec", "workloadRef")
    found = objects.named(
        group(text(target, "apiVersion")),
        text(target, "kind"),
        template.ref.namespace,
        text(target, "name"),
    )
    yield _names(template, "spec.workloadRef", found)


def _virtual_services(strategy: Node) -> Iterator[tuple[str, str]]:
    istio = node(strategy, "canary", "trafficRouting", "istio")
    field = "spec.strategy.canary.trafficRouting.istio"
    yield f"{field}.virtualService.name", text(istio, "virtualService", "name")
    for index, service in nodes(istio, "virtualServices"):
        yield f"{field}.virtualServices[{index}].name", text(service, "name")


_Reader = Callable[[ResourceTemplate, Objects], Iterable[Relation]]

_READERS: dict[tuple[str, str], Sequence[_Reader]] = {
    ("", "Service"): (_service,),
    ("", "ServiceAccount"): (_service_account,),
    ("", "PersistentVolumeClaim"): (_claim,),
    ("apps", "StatefulSet"): (_stateful_set,),
    ("argoproj.io", "Rollout"): (_rollout,),
    ("autoscaling", "HorizontalPodAutoscaler"): (_scaler("", "", "spec", "scaleTargetRef"),),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): (_scaler("", "", "spec", "targetRef"),),
    ("keda.sh", "ScaledObject"): (_scaler("apps", "Deployment", "spec", "scaleTargetRef"),),
    ("policy", "PodDisruptionBudget"): (_pod_selector("spec", "selector"),),
    ("networking.k8s.io", "NetworkPolicy"): (_pod_selector("spec", "podSelector"),),
    ("networking.k8s.io", "Ingress"): (_ingress,),
    ("gateway.networking.k8s.io", "Gateway"): (_gateway,),
    ("gateway.networking.k8s.io", "GRPCRoute"): (_route,),
    ("gateway.networking.k8s.io", "HTTPRoute"): (_route,),
    ("gateway.networking.k8s.io", "TCPRoute"): (_route,),
    ("gateway.networking.k8s.io", "TLSRoute"): (_route,),
    ("networking.istio.io", "DestinationRule"): (_destination_rule,),
    ("networking.istio.io", "VirtualService"): (_virtual_service,),
    ("security.istio.io", "AuthorizationPolicy"): (_pod_selector("spec", "selector"),),
    ("security.istio.io", "PeerAuthentication"): (_pod_selector("spec", "selector"),),
    ("monitoring.coreos.com", "PodMonitor"): (_pod_selector("spec", "selector"),),
    ("monitoring.coreos.com", "ServiceMonitor"): (_monitor,),
    ("rbac.authorization.k8s.io", "RoleBinding"): (_binding,),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (_binding,),
}
