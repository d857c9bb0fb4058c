"""How rules name things in their sentences."""

from collections.abc import Sequence

from armada_render.model.resource import ObjectReference


def listed(names: Sequence[str], *, most: int = 3) -> str:
    """Return names as a list for people, cut when it is long."""
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def called(ref: ObjectReference) -> str:
    """Return kind and name, with the namespace unless it is the default one."""
    home = f"{ref.namespace}/" if ref.namespace not in ("", "default") else ""
    return f"{ref.kind} {home}{ref.name}"
