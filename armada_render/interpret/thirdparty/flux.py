"""Flux: sources, HelmRelease and Kustomization."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from armada_render.interpret.thirdparty.conditions import is_ready_because
from armada_render.interpret.thirdparty.semantics import elements, optional, references, required
from armada_render.interpret.values import DependentObject, InterpretError, Rules
from armada_render.model.resource import Manifest

_Path = tuple[str, ...]


def _secrets(manifest: Manifest, paths: tuple[_Path, ...]) -> Iterator[Any]:
    """Yield the names that references to secrets give; one without a name fails."""
    for path in paths:
        # `spec` itself must be there: the scripts index it without asking.
        reference = optional(required(manifest, "spec", path[0]), *path[1:])
        if reference is None:
            continue
        name = required(reference, "name")
        if name is None:
            raise InterpretError(f"spec.{'.'.join(path)}.name is missing")
        if name != "":
            yield name


def _dependencies(
    manifest: Manifest, paths: tuple[_Path, ...], *, account: bool = False
) -> list[DependentObject]:
    dependencies = references(manifest, "Secret", _secrets(manifest, paths))
    name = required(manifest, "spec", "serviceAccountName") if account else None
    if name is not None and name != "":
        dependencies += references(manifest, "ServiceAccount", (name,))
    return dependencies


def _oci_dependencies(manifest: Manifest) -> list[DependentObject]:
    if required(manifest, "spec", "serviceAccountName") is None:
        raise InterpretError(
            "spec.serviceAccountName is missing, and Karmada's script for OCIRepository fails on "
            "that; write `serviceAccountName: default` or, for none, an empty string"
        )
    paths = (("secretRef",), ("verify", "secretRef"), ("certSecretRef",))
    return _dependencies(manifest, paths, account=True)


def _helm_release_dependencies(manifest: Manifest) -> list[DependentObject]:
    dependencies = _dependencies(
        manifest,
        (("chart", "spec", "verify", "secretRef"), ("kubeConfig", "secretRef")),
        account=True,
    )
    values = required(manifest, "spec", "valuesFrom")
    for source in () if values is None else elements(values, "spec.valuesFrom"):
        kind = required(source, "kind")
        if kind in ("Secret", "ConfigMap"):
            name = required(source, "name")
            if name is None:
                raise InterpretError(f"spec.valuesFrom: a {kind} has no name")
            dependencies += references(manifest, kind, (name,))
    return dependencies


def _source(*paths: _Path, reasons: tuple[str, ...] = ("Succeeded",)) -> Rules:
    return Rules(
        dependencies=partial(_dependencies, paths=paths),
        health=lambda manifest: is_ready_because(manifest, *reasons),
    )


def _is_reconciled(manifest: Manifest) -> bool:
    return is_ready_because(manifest, "ReconciliationSucceeded")


def _has_succeeded(manifest: Manifest) -> bool:
    return is_ready_because(manifest, "Succeeded")


_SOURCES = "source.toolkit.fluxcd.io/v1beta2"

RULES = {
    ("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease"): Rules(
        dependencies=_helm_release_dependencies, health=_is_reconciled
    ),
    ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"): Rules(
        dependencies=partial(
            _dependencies,
            paths=(("decryption", "secretRef"), ("kubeConfig", "secretRef")),
            account=True,
        ),
        health=_is_reconciled,
    ),
    ("source.toolkit.fluxcd.io/v1", "GitRepository"): _source(
        ("secretRef",), ("verify", "secretRef")
    ),
    (_SOURCES, "Bucket"): _source(("secretRef",)),
    (_SOURCES, "HelmChart"): _source(
        ("verify", "secretRef"), reasons=("Succeeded", "ChartPullSucceeded")
    ),
    (_SOURCES, "HelmRepository"): _source(("secretRef",)),
    (_SOURCES, "OCIRepository"): Rules(dependencies=_oci_dependencies, health=_has_succeeded),
}
"""The kinds that have a rule, by `apiVersion` and kind."""
