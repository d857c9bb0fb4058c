"""What rules look at: a fleet, its rendering, and what several of them ask of both."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from armada_render.errors import SourceLocation
from armada_render.interpret import Interpreter
from armada_render.lint.relations import Relation, relations
from armada_render.lint.together import Torn, torn
from armada_render.model.affinity import AffinityIndex
from armada_render.model.binding import ResourceBinding
from armada_render.model.fleet import Fleet
from armada_render.model.override import OverridePolicy
from armada_render.model.policy import PropagationPolicy
from armada_render.model.resource import ObjectReference, ResourceTemplate
from armada_render.model.result import Level, Result, Rule
from armada_render.model.work import Work
from armada_render.pipeline import Rendering


class Subject:
    """A fleet and its rendering, which must have been made with `trace`."""

    def __init__(self, fleet: Fleet, rendering: Rendering, kubernetes_version: str = "") -> None:
        self.fleet = fleet
        self.rendering = rendering
        self.kubernetes_version = kubernetes_version
        self.clusters = {cluster.name: cluster for cluster in fleet.clusters}
        self.affinities = AffinityIndex(fleet.clusters)

    @cached_property
    def templates(self) -> Mapping[ObjectReference, ResourceTemplate]:
        """The templates by reference."""
        return {template.ref: template for template in self.fleet.templates}

    @cached_property
    def bindings(self) -> Mapping[ObjectReference, ResourceBinding]:
        """The bindings by the reference of their template."""
        return {binding.ref: binding for binding in self.rendering.bindings}

    @cached_property
    def bindings_by_name(self) -> Mapping[tuple[str, str], ResourceBinding]:
        """The bindings by their own namespace and name, which others refer to."""
        return {(one.namespace, one.name): one for one in self.rendering.bindings}

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """What belongs together."""
        return relations(self.fleet.templates, Interpreter(self.fleet.customizations))

    @cached_property
    def torn(self) -> tuple[Torn, ...]:
        """What is torn apart."""
        return torn(self.relations, self.rendering.bindings, self.fleet.clusters)

    @cached_property
    def works(self) -> tuple[tuple[Work, tuple[str, ...]], ...]:
        """Each distinct Work with its clusters."""
        shared: dict[int, tuple[Work, list[str]]] = {}
        for cluster, works in self.rendering.works.items():
            for work in works:
                entry = shared.get(id(work))
                if entry is None:
                    shared[id(work)] = (work, [cluster])
                else:
                    entry[1].append(cluster)
        return tuple((work, tuple(names)) for work, names in shared.values())

    def policies(self) -> Iterator[PropagationPolicy]:
        """Yield the propagation policies as they were admitted, with their defaults."""
        yield from self.rendering.propagation_policies

    def about(  # noqa: PLR0913 - the parts of a result
        self,
        rule: Rule,
        thing: ObjectReference | PropagationPolicy | OverridePolicy,
        message: str,
        *,
        field: str = "",
        hint: str = "",
        key: str = "",
        level: Level | None = None,
    ) -> Result:
        """Return a result about a template or a policy."""
        location: SourceLocation | None
        if isinstance(thing, ObjectReference):
            template = self.templates.get(thing)
            location, resource = (template.location if template else None), str(thing)
        else:
            location, resource = thing.location, thing.key
        return Result(
            rule=rule.id,
            level=level or rule.level,
            message=message,
            location=location,
            resource=resource,
            field=field,
            hint=hint or rule.fix,
            key=key,
        )
