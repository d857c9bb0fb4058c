"""What goes wrong, or is done to a fleet. Pure."""

from collections.abc import Sequence

from msgspec import Struct


class Scenario(Struct, frozen=True, kw_only=True):
    """Clusters that `fails` or that are drained, all at once; afterwards they may come back.

    A cluster that fails is not ready, and what runs pods on it says that it is unhealthy, or, when
    it `is_silent`, says nothing any more. A drained one is tainted by hand, and works.
    """

    fails: tuple[str, ...] = ()
    drains: tuple[str, ...] = ()
    is_silent: bool = False
    recovers: bool = False

    @property
    def victims(self) -> frozenset[str]:
        """The clusters that cannot be counted on."""
        return frozenset((*self.fails, *self.drains))

    @property
    def title(self) -> str:
        """What happens, in words."""
        parts = []
        if self.fails:
            verb = "fails" if len(self.fails) == 1 else "fail"
            how = "falls" if len(self.fails) == 1 else "fall"
            parts.append(
                f"{_list(self.fails)} {verb}" + (f" and {how} silent" if self.is_silent else "")
            )
        if self.drains:
            parts.append(f"{_list(self.drains)} {'is' if len(self.drains) == 1 else 'are'} drained")
        return ", ".join(parts) or "nothing fails"


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
