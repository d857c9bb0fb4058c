"""From a decision to a commit. What it writes is read back before anybody pushes it."""

import hashlib
import posixpath
from datetime import datetime

from msgspec import Struct

from armada_render.controller import bundles, change, retiring
from armada_render.controller.change import Files
from armada_render.controller.message import Writer, changes, commit_message
from armada_render.controller.repository import Clone
from armada_render.controller.view import Head, View
from armada_render.errors import ExitCode, GuardError, Problem
from armada_render.failover import Decision
from armada_render.load.git import GitSource
from armada_render.model.config import CONFIG_NAME
from armada_render.pipeline import render

BRANCH = "armada-render/failover-{}"


class Proposal(Struct, frozen=True, kw_only=True, eq=False):
    """A commit that was made here and is nowhere else yet. `digest` says what it does, not when.

    `view` is the fleet after it; `files` are paths in the repository, `shown` those of them that
    hold no manifests.
    """

    view: View
    base: str
    digest: str
    files: tuple[str, ...]
    shown: tuple[str, ...]


def propose(  # noqa: PLR0913 - what a commit is made of
    clone: Clone,
    head: Head,
    *,
    root: str,
    view: View,
    decision: Decision,
    writer: Writer,
    now: datetime,
) -> Proposal | None:
    """Return the commit that a decision asks for, None when it asks for nothing.

    Raises `ArmadaError` when what would be written could not be rendered.
    """
    fleet = view.loaded.fleet
    own = _below(root, change.files(fleet, decision, view.source.read))
    if not own:
        return None
    message = commit_message(fleet, decision, writer)
    when = int(now.timestamp())
    commit = clone.commit(view.commit, own, message, when)
    if commit == view.commit:
        return None
    after = head.at(commit)
    retired = _below(root, _retired(view, after))
    if retired:
        own |= retired
        after = head.at(clone.commit(view.commit, own, message, when))
        commit = after.commit
    tree = _tree(clone, root, view, after)
    if tree:
        commit = clone.commit(view.commit, {**own, **tree}, message, when)
        after = head.at(commit)
    shown = tuple(path for path in sorted(own) if "/.armada/frozen/" not in f"/{path}")
    return Proposal(
        view=after,
        base=view.commit,
        digest=_digest(decision, view),
        files=tuple(sorted({**own, **tree})),
        shown=shown,
    )


def _retired(before: View, after: View) -> Files:
    """Return `armada.yaml` with what leaves a cluster as a whole, if that changes it."""
    config = before.loaded.config
    if config.argocd is None:
        return {}
    was, will_be = (
        {one.name: rendering.dispatched(one.name) for one in view.loaded.fleet.clusters}
        for view in (before, after)
        for rendering in (render(view.loaded.fleet, view.options),)
    )
    wanted = retiring.retirements(config, was, will_be)
    if wanted == config.retire:
        return {}
    return {CONFIG_NAME: retiring.written(before.source.read(CONFIG_NAME), wanted)}


def _tree(clone: Clone, root: str, before: View, after: View) -> Files:
    """Return the files of the committed tree that change; refuse a result that nobody can read."""
    rendering = render(after.loaded.fleet, after.options)
    _refuse_broken(tuple(one for one in rendering.problems if one.code is ExitCode.INPUT))
    folder = bundles.folder(before.loaded, root)
    if not folder:
        return {}
    source = clone.source(before.commit, folder)
    found = bundles.files(after.loaded, rendering, lambda path: _read(source, path))
    if found:
        # A bundle that cannot be rendered would be removed from the tree, and then from a cluster.
        _refuse_broken(rendering.problems)
    return _below(folder, found)


def _read(source: GitSource, path: str) -> bytes | None:
    return source.read(path) if source.object_id(path) else None


def _refuse_broken(problems: tuple[Problem, ...]) -> None:
    if problems:
        raise GuardError(problems)


def _below(folder: str, files: Files) -> dict[str, bytes | None]:
    return {posixpath.join(folder, path): data for path, data in files.items()}


def _digest(decision: Decision, view: View) -> str:
    """Return what tells decisions apart that do different things, whenever they are made."""
    lines = [str(one) for one in changes(view.loaded.fleet, decision)]
    for cluster, taints in sorted(decision.taints.items()):
        lines.append(f"{cluster} {sorted((taint.key, taint.effect) for taint in taints)}")
    for ref, state in decision.states.items():
        lines += [f"{ref} {task.from_cluster} {task.purge_mode}" for task in state.eviction_tasks]
    lines += sorted(decision.frozen)
    return hashlib.sha256("\n".join(lines).encode(errors="backslashreplace")).hexdigest()[:12]


class Reviews:
    """Branches for review: one for each different proposal, moved along with the head."""

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._pushed: dict[str, Proposal] = {}

    def offer(self, proposal: Proposal) -> str:
        """Return the branch that the proposal was put on, "" when it stands there already.

        A branch that somebody else has written to stays as it is.
        """
        branch = BRANCH.format(proposal.digest)
        known = self._pushed.get(branch)
        if known is not None and known.base == proposal.base:
            return ""
        there = self._clone.head(branch)
        if there and (known is None or there != known.view.commit):
            self._pushed[branch] = proposal
            return ""
        self._clone.push(proposal.view.commit, there, branch)
        self._pushed[branch] = proposal
        return branch
