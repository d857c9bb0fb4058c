"""Which apps an edit can reach, and which files rendering them takes. Pure."""

from collections.abc import Mapping

from msgspec import Struct

from armada_render.rerender.record import File, Record

_MOST_APPS = 0.25
"""The share of all apps above which everything is rendered: it takes as long, and is simpler."""


class Plan(Struct, frozen=True):
    """Files that changed, the apps to render, and the files that this takes."""

    changed: frozenset[str]
    apps: frozenset[str]
    needed: frozenset[str]


def planned(record: Record, digests: Mapping[str, str]) -> Plan | None:
    """Return what to do about the files of which the digest changed, None: render everything."""
    if record.files.keys() != digests.keys():
        return None
    changed = {path for path, digest in digests.items() if record.files[path].digest != digest}
    edited = [record.files[path] for path in changed]
    if any(file.is_wide for file in edited):
        return None
    apps = _reached(record, edited)
    if len(apps) > max(1, _MOST_APPS * len(record.shapes)):
        return None
    spaces = {
        space
        for file in record.files.values()
        if not apps.isdisjoint(file.apps)
        for space in file.namespaces
    }
    needed = {
        path
        for path, file in record.files.items()
        if file.is_wide or not apps.isdisjoint(file.apps) or not spaces.isdisjoint(file.policies)
    }
    return Plan(frozenset(changed), frozenset(apps), frozenset(needed | changed))


def _reached(record: Record, edited: list[File]) -> set[str]:
    """Return the apps with an object that one of the edited files can change.

    A policy reaches its namespace. So do objects where some take others along, and what they
    take may be in one more namespace with others.
    """
    apps = {app for file in edited for app in file.apps}
    spaces = {space for file in edited for space in file.policies}
    if record.takes_along:
        spaces.update(space for file in edited for space in file.namespaces)
    seen: set[str] = set()
    while spaces - seen:
        seen |= spaces
        for file in record.files.values():
            if not seen.isdisjoint(file.namespaces):
                apps.update(file.apps)
                if record.takes_along:
                    spaces.update(file.namespaces)
    return apps
