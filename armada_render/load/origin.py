"""PATH as people give it: a directory or file, a revision of one, or a folder of a remote."""

from armada_render.errors import InputError, Problem, one_line
from armada_render.load.address import Credentials, is_remote
from armada_render.load.git import GitSource, git_source, root_of
from armada_render.load.source import DirectorySource, Source


def revision_source(
    path: str, revision: str = "", credentials: Credentials | None = None
) -> GitSource:
    """Return what a revision holds at `path`; a remote's own one when none is given.

    Raises `InputError` when there is nothing, `SourceError` when it cannot be had.
    """
    if is_remote(path):
        from armada_render.load.remote import remote_source  # noqa: PLC0415 - rare

        return _existing(remote_source(path, revision, credentials), path)
    return _existing(git_source(path, revision), path)


def revision_inventory(
    path: str, inventory: str, revision: str = "", credentials: Credentials | None = None
) -> Source:
    """Return an inventory that stands apart: of the same revision if it is of one repository."""
    if is_remote(inventory):
        return revision_source(inventory, "", credentials)
    if revision and not is_remote(path) and root_of(path) == root_of(inventory):
        return revision_source(inventory, revision)
    return DirectorySource(inventory)


def _existing(source: GitSource, path: str) -> GitSource:
    if source.exists:
        return source
    raise InputError(
        Problem(
            message=f"there is nothing at {one_line(path)} in revision {one_line(source.revision)}",
            hint=f"it was looked for in commit {source.commit}",
        )
    )


def earlier(
    source: Source, inventory: Source | None, revision: str
) -> tuple[GitSource, Source | None] | None:
    """Return another revision of what was opened, None if it has nothing there.

    The inventory is that of the revision as well, unless it is of another repository.
    """
    if not isinstance(source, GitSource):
        raise TypeError(source)
    past = source.at(revision)
    if not past.exists:
        return None
    if isinstance(inventory, GitSource) and inventory.is_beside(source):
        beside = inventory.at(past.commit)
        return past, beside if beside.exists else inventory
    return past, inventory
