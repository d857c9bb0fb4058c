"""The fleet at the head of the branch: read again when the head moves."""

import hashlib
import time

from msgspec import Struct

from armada_render.controller.repository import Clone
from armada_render.load import Loaded, load
from armada_render.load.git import GitSource
from armada_render.model.argocd import ArgoCD
from armada_render.pipeline import RenderOptions


class View(Struct, frozen=True, eq=False):
    """A commit and the fleet in it."""

    commit: str
    loaded: Loaded
    source: GitSource

    @property
    def argocd(self) -> ArgoCD:
        """How Argo CD calls the clusters."""
        return self.loaded.config.argocd or ArgoCD()

    @property
    def options(self) -> RenderOptions:
        """How the fleet is rendered."""
        return RenderOptions(strict_inventory=self.loaded.config.strict_inventory)


class Head:
    """The newest commit, as of `interval` seconds ago at most."""

    def __init__(self, clone: Clone, root: str, interval: float) -> None:
        self._clone, self._root, self._interval = clone, root, interval
        self._view: View | None = None
        self._fetched_at = float("-inf")

    @property
    def is_known(self) -> bool:
        """Whether the branch has ever been read."""
        return self._view is not None

    def recent(self) -> View:
        """Return the fleet, fetched if the last fetch is too old."""
        if self._view is None or time.monotonic() - self._fetched_at > self._interval:
            return self.newest()
        return self._view

    def newest(self) -> View:
        """Return the fleet of the head as it is now; raise `GitError` when Git is away."""
        commit = self._clone.fetch()
        self._fetched_at = time.monotonic()
        if self._view is None or self._view.commit != commit:
            self._view = self.at(commit)
        return self._view

    def at(self, commit: str) -> View:
        """Return the fleet of a commit that is here."""
        source = self._clone.source(commit, self._root)
        return View(commit, load(source, digest=_sha256), source)

    def moved(self, view: View) -> None:
        """Take `view` for the head: it was pushed."""
        self._view = view


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
