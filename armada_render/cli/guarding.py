"""The guards of `render`: against the tree that is there, against a revision, and by themselves."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property

from armada_render.cli.console import Console, printable
from armada_render.cli.inputs import Inputs
from armada_render.cli.plan import Plan
from armada_render.errors import GuardError, Problem
from armada_render.guard import (
    AnyCopy,
    Circumstances,
    Snapshot,
    acknowledgement_text,
    circumstances,
    consent,
    contradictions,
    nothing_rendered,
    of_works,
    refusal,
    repeated,
    review,
    spent_with,
    stale,
)
from armada_render.load import Loaded
from armada_render.model.acknowledgement import ACKNOWLEDGED, Removal
from armada_render.model.config import CONFIG_NAME, Layout
from armada_render.model.work import Work
from armada_render.pipeline import Rendering, RenderOptions, render

_HINT = (
    "correct the policies; if it is meant, repeat the command with --acknowledge 'REASON' and "
    f"commit what it writes to {ACKNOWLEDGED}, or list the app under retire in {CONFIG_NAME}; see "
    "docs/guards.md"
)
_HINT_ERRORS = "what failed is missing: mend the errors above"


class Guards:
    """What a run of `render` is checked against. With `collects` nothing is refused, but kept."""

    def __init__(
        self,
        console: Console,
        inputs: Inputs,
        loaded: Loaded,
        rendering: Rendering,
        *,
        collects: bool = False,
    ) -> None:
        self.found: set[Removal] = set()
        self.spent: set[str] = set()
        self._console = console
        self._inputs = inputs
        self._loaded = loaded
        self._rendering = rendering
        self._collects = collects
        self._apps: Collection[str] = ()
        self._whole = rendering

    def judge_only(self, apps: Collection[str], whole: Rendering) -> None:
        """Judge a rendering of some apps, none for all; the others count as they are.

        That is as they stand in a tree or, where a revision is compared, in the `whole` rendering.
        """
        self._apps, self._whole = apps, whole

    def acknowledged(self, known: Collection[str], scope: Callable[[str], bool]) -> list[str]:
        """Return the digests of acknowledgements that are spent when the tree has been written.

        Those are the ones in its index (`known`), and those for paths in `scope` only.
        """
        spent = spent_with(self._loaded.fleet.acknowledgements, known, scope)
        if self._apps:
            # Which of other apps are still there is not known.
            spent += (digest for digest in known if digest not in spent)
        return spent

    def result(self, works: Mapping[str, Sequence[Work]], *, is_part: bool = False) -> None:
        """Refuse what needs no past to be wrong; a part of a tree may be empty."""
        empty = None if is_part else nothing_rendered(self._rendering, works)
        if empty is not None and not self._is_retired(works):
            raise GuardError(empty)
        problems = list(repeated(works))
        if self._loaded.config.retire:
            problems += contradictions(self._loaded.config.retire, self._after)
        if problems:
            raise GuardError(problems)

    def _is_retired(self, clusters: Iterable[str]) -> bool:
        """Tell whether `retire` says of each of the apps that a cluster gets nothing of it."""
        retired = self._loaded.config.retire
        return bool(self._apps) and all(
            any(one.covers(cluster, app) for one in retired for cluster in clusters)
            for app in self._apps
        )

    def base(self, revision: str, *, strict: bool) -> None:
        """Refuse to remove what `revision` of the path gives to clusters."""
        loaded = self._inputs.at(revision)
        if loaded is None:
            self._console.note(
                printable(f"{revision} holds no {self._inputs.path}: nothing to compare with")
            )
            return
        options = RenderOptions(strict_inventory=strict or loaded.config.strict_inventory)
        rendering = render(loaded.fleet, options)
        if rendering.problems:
            count = len(rendering.problems)
            self._console.warnings(
                [
                    Problem(
                        message=printable(
                            f"{revision} has {count} {'error' if count == 1 else 'errors'} itself: "
                            "compared with what can be rendered of it"
                        )
                    )
                ]
            )
        before, after = _snapshot(rendering), _snapshot(self._whole)
        if self._apps:
            before = _together(_part(before, self._is_own), _part(after, self._is_other))
        spent = {one.digest for one in loaded.fleet.acknowledgements}
        self._judge(before, after, spent, revision)

    def tree(self, root: str, plan: Plan, layout: Layout) -> None:
        """Refuse to remove what the tree at `root` holds."""
        if not (plan.changed or plan.stale):
            return
        from armada_render.cli import written  # noqa: PLC0415 - only trees
        from armada_render.output import acknowledged  # noqa: PLC0415

        works = {name: self._rendering.dispatched(name) for name in self._rendering.works}
        after: Snapshot = self._after
        before = written.snapshot_of_tree(root, plan, works, layout, after)
        if before is None:
            return
        if self._apps:
            others = written.others_in_tree(root, self._apps, after)
            before, after = _together(before, others), _together(after, others)
        self._judge(before, after, acknowledged(root), root)

    def _judge(
        self, before: Snapshot, after: Snapshot, spent: Collection[str], compared_with: str
    ) -> None:
        given = consent(self._loaded.fleet, self._loaded.config.retire, spent)
        limits = self._loaded.config.guard
        verdict = review(before, after, self._why, given, limits)
        if self._collects:
            self.found.update(verdict.removals)
            self.spent.update(spent)
            return
        self._console.warnings(stale(given, after))
        if not verdict.is_fine:
            hint = _HINT_ERRORS if self._rendering.problems else _HINT
            raise GuardError(refusal(verdict, compared_with, hint))

    def _is_own(self, copy: AnyCopy) -> bool:
        return copy.app in self._apps

    def _is_other(self, copy: AnyCopy) -> bool:
        return copy.app not in self._apps

    @cached_property
    def _after(self) -> Snapshot:
        return _snapshot(self._rendering)

    @cached_property
    def _why(self) -> Circumstances:
        return circumstances(self._loaded.fleet, self._rendering)


def _snapshot(rendering: Rendering) -> Snapshot:
    return of_works({name: rendering.dispatched(name) for name in rendering.works})


def _part(snapshot: Snapshot, is_meant: Callable[[AnyCopy], bool]) -> Snapshot:
    return {
        cluster: {key: copy for key, copy in copies.items() if is_meant(copy)}
        for cluster, copies in snapshot.items()
    }


def _together(first: Snapshot, second: Snapshot) -> Snapshot:
    """Return the copies of both; where both have an object, that of the first."""
    return {
        cluster: {**second.get(cluster, {}), **first.get(cluster, {})}
        for cluster in (*first, *second)
    }


def acknowledge(console: Console, path: str, guards: Guards, reason: str) -> None:
    """Write the file below `path` that says that what `guards` found may go."""
    from armada_render.load.git import author  # noqa: PLC0415 - brings GitPython along
    from armada_render.output import write_file  # noqa: PLC0415 - rare

    if not guards.found:
        console.note("nothing is removed that needs an acknowledgement")
        return
    name, text = acknowledgement_text(guards.found, reason, author(path), guards.spent)
    write_file(path, f"{ACKNOWLEDGED}/{name}", text.encode())
    console.note(f"{os.path.join(path, ACKNOWLEDGED, name)}: commit it with the change")  # noqa: PTH118
