"""What an explanation is drawn from."""

from collections.abc import Callable

from msgspec import Struct

from armada_render.errors import SourceLocation
from armada_render.model.fleet import Fleet
from armada_render.pipeline import Rendering

Locate = Callable[[SourceLocation | None, str], str]
"""Says where a field stands (`web/policy.yaml:12`); "" when that is not known."""


class Evidence(Struct, frozen=True, kw_only=True, eq=False):
    """A fleet, its rendering made with `trace`, and the clusters asked about, none for all."""

    fleet: Fleet
    rendering: Rendering
    locate: Locate
    scope: tuple[str, ...] = ()

    def is_asked(self, cluster: str) -> bool:
        """Tell whether a cluster is among those asked about."""
        return not self.scope or cluster in self.scope
