"""Check what each cluster gets against the schemas of its version of Kubernetes.

Each distinct object is checked once for each version, however many clusters share it.
"""

import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from jsonschema_rs import Draft202012Validator, RegexOptions, Registry, Validator
from msgspec import Struct

from armada_render.model.decode import FieldPath, format_path
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.result import Level, Result
from armada_render.model.work import Work
from armada_render.pipeline import Rendering
from armada_render.validate.blame import Origin, Origins
from armada_render.validate.rules import (
    BAD_DEFINITION,
    NOT_SERVED,
    SCHEMA,
    UNKNOWN_FIELD,
    UNKNOWN_KIND,
)
from armada_render.validate.schema import (
    DEFINITIONS,
    Definitions,
    GroupVersionKind,
    Schema,
    custom_schemas,
    is_definition,
)
from armada_render.validate.wording import Misfit, misfits


class Schemas(Protocol):
    """Where the definitions of a version of Kubernetes come from."""

    def definitions(self, minor: int) -> dict[str, Schema]:
        """Return all definitions of a version by name."""


class _Key(Struct, frozen=True):
    """What makes two misfits the same: one origin, one sentence."""

    origin: Origin
    ref: ObjectReference
    misfit: Misfit


class Validation:
    """The checks of one rendering; `versions` gives each cluster's minor version."""

    def __init__(
        self,
        templates: Iterable[ResourceTemplate],
        rendering: Rendering,
        versions: Mapping[str, int],
        schemas: Schemas,
        origins: Origins,
    ) -> None:
        self._rendering = rendering
        self._versions = versions
        self._schemas = schemas
        self._origins = origins
        self._checkers: dict[int, _Checker] = {}
        self._results: list[Result] = []
        self._custom: dict[GroupVersionKind, tuple[Schema, ObjectReference]] = {}
        for template in templates:
            if is_definition(template):
                self._add_definition(template)
        self.objects = 0

    def results(self, *, strict: bool) -> tuple[Result, ...]:
        """Check everything; with `strict`, a kind without a schema is an error."""
        found: dict[_Key, list[str]] = {}
        kinds: dict[GroupVersionKind, list[Work]] = {}
        missing: dict[tuple[ObjectReference, int], list[str]] = {}
        for work, clusters in _distinct(self._rendering):
            self.objects += 1
            for version, names in self._by_version(clusters).items():
                checker = self._checker(version)
                validator = checker.validator(work.ref.api_version, work.ref.kind)
                if validator is None:
                    if checker.definitions.owns(work.ref.api_version):
                        missing.setdefault((work.template, version), []).extend(names)
                    else:
                        kinds.setdefault((work.ref.api_version, work.ref.kind), []).append(work)
                    continue
                for misfit in checker.misfits(work, validator):
                    origin = self._origins.of(work, misfit.path)
                    found.setdefault(_Key(origin, work.template, misfit), []).extend(names)
        self._results += (self._misfit(key, names) for key, names in found.items())
        self._results += (
            self._not_served(ref, version, names) for (ref, version), names in missing.items()
        )
        self._results += (
            self._unknown_kind(kind, works, strict=strict) for kind, works in kinds.items()
        )
        return tuple(self._results)

    def _add_definition(self, template: ResourceTemplate) -> None:
        schemas = custom_schemas(template.manifest, lambda why: self._bad(template.ref, why))
        for kind, schema in schemas.items():
            self._custom[kind] = (schema, template.ref)

    def _bad(self, ref: ObjectReference, why: str) -> None:
        origin = self._origins.template(ref, ("spec", "versions"))
        self._results.append(
            Result(
                rule=BAD_DEFINITION.id,
                level=BAD_DEFINITION.level,
                message=f"{why}: objects of its kind are not checked",
                location=origin.location,
                resource=origin.resource,
                field=origin.field,
                hint=BAD_DEFINITION.fix,
                key=why,
            )
        )

    def _by_version(self, clusters: Iterable[str]) -> dict[int, list[str]]:
        groups: dict[int, list[str]] = {}
        for name in clusters:
            groups.setdefault(self._versions[name], []).append(name)
        return groups

    def _checker(self, version: int) -> "_Checker":
        checker = self._checkers.get(version)
        if checker is None:
            definitions = Definitions(self._schemas.definitions(version))
            checker = _Checker(definitions, self._custom, self._bad)
            self._checkers[version] = checker
        return checker

    def _misfit(self, key: _Key, names: list[str]) -> Result:
        origin, misfit = key.origin, key.misfit
        rule = UNKNOWN_FIELD if misfit.is_unknown else SCHEMA
        message = misfit.message
        if origin.policy:
            field = format_path(misfit.path)
            message = f"makes {key.ref.kind} {key.ref.name} wrong: {field}: {message}"
        return Result(
            rule=rule.id,
            level=rule.level,
            message=message + self._where(names),
            location=origin.location,
            resource=origin.resource,
            field=origin.field,
            hint=misfit.hint or rule.fix,
            key=f"{key.ref} {misfit.message}",
        )

    def _where(self, names: list[str]) -> str:
        """Return clusters and versions that an error is about, unless it is about every version."""
        versions = sorted({self._versions[name] for name in names})
        if versions == sorted(set(self._versions.values())):
            return ""
        return f" (on {_few(names)}: Kubernetes {', '.join(f'1.{one}' for one in versions)})"

    def _not_served(self, ref: ObjectReference, version: int, names: list[str]) -> Result:
        origin = self._origins.template(ref, ("apiVersion",))
        return Result(
            rule=NOT_SERVED.id,
            level=NOT_SERVED.level,
            message=f"Kubernetes 1.{version} ({_few(names)}) has no {ref.api_version} {ref.kind}",
            location=origin.location,
            resource=origin.resource,
            field=origin.field,
            hint=NOT_SERVED.fix,
            key=str(version),
        )

    def _unknown_kind(self, kind: GroupVersionKind, works: list[Work], *, strict: bool) -> Result:
        refs = sorted({work.template for work in works})
        origin = self._origins.template(refs[0], ("kind",))
        objects = "1 object is" if len(refs) == 1 else f"{len(refs)} objects are"
        return Result(
            rule=UNKNOWN_KIND.id,
            level=Level.ERROR if strict else UNKNOWN_KIND.level,
            message=f"there is no schema for {kind[0]} {kind[1]}: {objects} not checked",
            location=origin.location,
            resource=origin.resource,
            field=origin.field,
            hint=UNKNOWN_KIND.fix,
            key=f"{kind[0]} {kind[1]}",
        )


def _few(names: Iterable[str]) -> str:
    few = sorted(set(names))
    return ", ".join(few[:3]) + (f" and {len(few) - 3} more" if len(few) > 3 else "")


def _distinct(rendering: Rendering) -> Iterator[tuple[Work, list[str]]]:
    """Yield each distinct Work with its clusters."""
    shared: dict[int, tuple[Work, list[str]]] = {}
    for cluster, works in rendering.works.items():
        for work in works:
            shared.setdefault(id(work), (work, []))[1].append(cluster)
    yield from shared.values()


class _Checker:
    """Checks objects by one version of Kubernetes; a kind's schema is compiled when it is met."""

    def __init__(
        self,
        definitions: Definitions,
        custom: Mapping[GroupVersionKind, tuple[Schema, ObjectReference]],
        report: Any,  # noqa: ANN401 - a method that takes a reference and a reason
    ) -> None:
        self.definitions = definitions
        self._custom = custom
        self._report = report
        self._registry = Registry([(DEFINITIONS, definitions.document)])
        self._known: dict[GroupVersionKind, tuple[Schema, Validator] | None] = {}

    def validator(self, api_version: str, kind: str) -> tuple[Schema, Validator] | None:
        """Return a kind's schema and what checks by it, None when there is none."""
        key = (api_version, kind)
        if key not in self._known:
            self._known[key] = self._compiled(key)
        return self._known[key]

    def _compiled(self, key: GroupVersionKind) -> tuple[Schema, Validator] | None:
        schema = self.definitions.schema(*key)
        if schema is not None:
            return schema, self._validator(schema)
        custom = self._custom.get(key)
        if custom is None:
            return None
        own, ref = custom
        try:
            schema = self.definitions.custom(own)
            return schema, self._validator(schema)
        except ValueError as error:
            # What it quotes is the schema's, which is no secret.
            why = str(error).partition("\n")[0]
            self._report(ref, f"the schema of {key[0]} cannot be used ({why})")
            return None

    def _validator(self, schema: Schema) -> Validator:
        return Draft202012Validator(
            schema,
            registry=self._registry,
            formats={"byte": _is_base64},
            validate_formats=True,
            # Patterns are the repository's: no one of them may take more than linear time.
            pattern_options=RegexOptions(),
            offline=True,
        )

    def misfits(self, work: Work, known: tuple[Schema, Validator]) -> Iterator[Misfit]:
        """Yield what is wrong with an object."""
        schema, validator = known
        if validator.is_valid(work.manifest):
            return
        seen: set[tuple[FieldPath, str]] = set()
        for error in validator.iter_errors(work.manifest):
            for misfit in misfits(error, schema, self.definitions.document):
                if (misfit.path, misfit.message) not in seen:
                    seen.add((misfit.path, misfit.message))
                    yield misfit


def _is_base64(text: str) -> bool:
    try:
        binascii.a2b_base64(text.replace("\n", "").replace("\r", ""), strict_mode=True)
    except ValueError:
        return False
    return True
