"""Whether a document names an object, with a name that Kubernetes would take."""

from typing import Any

from armada_render.errors import Problem, SourceLocation
from armada_render.model.config import CONFIG_NAME
from armada_render.model.pattern import DIGITS, LETTERS, LOWER, word

_LONGEST_LABEL = 63
_is_alphanumeric = word(LETTERS + DIGITS)
_is_group = word(LOWER + DIGITS, "-.")
_is_version = word(LOWER + DIGITS)
_is_label = word(LOWER + DIGITS, "-")


def identity_problem(manifest: Any, location: SourceLocation | None) -> Problem | None:  # noqa: ANN401 - a YAML document is anything
    """Say why a document is no Kubernetes object, None when it is one."""
    if not isinstance(manifest, dict):
        return _problem(
            location,
            "",
            f"not a Kubernetes object but {_kind_of(manifest)}",
            f"remove it, or list the file under ignore in {CONFIG_NAME}",
        )
    for field, is_valid in (("apiVersion", _is_api_version), ("kind", _is_kind)):
        value = manifest.get(field)
        if not isinstance(value, str) or not value:
            return _problem(
                location,
                field,
                f"{field} is missing" if value is None else f"{field} must be text",
                "every object needs apiVersion, kind and metadata.name; list files that hold "
                f"something else under ignore in {CONFIG_NAME}",
            )
        if not is_valid(value):
            return _problem(location, field, f"not a valid {field}", "")
    return _metadata_problem(manifest, location)


def _metadata_problem(manifest: dict[str, Any], location: SourceLocation | None) -> Problem | None:
    metadata = manifest.get("metadata")
    if manifest["apiVersion"].startswith(("kustomize.config.k8s.io/", "armada-render/")):
        return _problem(
            location,
            "",
            f"{manifest['kind']} is no Kubernetes object",
            f"render what it builds, and list this file under ignore in {CONFIG_NAME}",
        )
    if not isinstance(metadata, dict):
        return _problem(
            location, "metadata", "metadata is missing or no mapping", "add metadata.name"
        )
    name = metadata.get("name")
    if not isinstance(name, str) or not name:
        hint = (
            "generateName needs a live API server; give it a name"
            if "generateName" in metadata
            else "add metadata.name"
        )
        return _problem(location, "metadata.name", "metadata.name is missing or not text", hint)
    # k8s.io/apimachinery/pkg/api/validation/path: a name is a path segment.
    if (
        name in (".", "..")
        or "/" in name
        or "%" in name
        or len(name) > 253
        or not name.isprintable()
    ):
        return _problem(
            location, "metadata.name", "not a valid name", "names hold no '/', '%' or blanks"
        )
    namespace = metadata.get("namespace")
    if namespace not in (None, "") and not (
        isinstance(namespace, str) and is_namespace_name(namespace)
    ):
        return _problem(
            location,
            "metadata.namespace",
            "not a valid namespace",
            "up to 63 lower-case letters, digits and '-'",
        )
    return None


def is_mapping(document: object) -> bool:
    """Tell whether a document is a mapping at all."""
    return isinstance(document, dict)


def is_namespace_name(name: str) -> bool:
    """Tell whether `name` is a DNS label, as names of namespaces and clusters are."""
    return len(name) <= _LONGEST_LABEL and _is_label(name)


def _is_kind(text: str) -> bool:
    # A kind is part of file names and reports; Kubernetes takes CamelCase identifiers.
    return len(text) <= _LONGEST_LABEL and text[:1] not in DIGITS and _is_alphanumeric(text)


def _is_api_version(text: str) -> bool:
    group, slash, version = text.rpartition("/")
    return (
        version[:1] not in DIGITS and _is_version(version) and (_is_group(group) if slash else True)
    )


def _problem(location: SourceLocation | None, field: str, message: str, hint: str) -> Problem:
    return Problem(message=message, location=location, field=field, hint=hint)


def _kind_of(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "a text" if isinstance(value, str) else "a plain value"
