"""What one Application gets: its objects for its cluster, or the reasons why nothing is printed."""

from collections.abc import Iterable, Sequence

from armada_render.cmp.place import Place
from armada_render.cmp.request import Request, Settings
from armada_render.cmp.stream import encoded
from armada_render.emit.argocd.applied import as_applied
from armada_render.emit.argocd.names import application_name
from armada_render.errors import (
    ArmadaError,
    ExitCode,
    GuardError,
    InputError,
    Problem,
    place_order,
)
from armada_render.findings import stage_problem
from armada_render.guard import (
    Copy,
    circumstances,
    consent,
    contradictions,
    nothing_answered,
    of_lock,
    of_works,
    refusal,
    repeated,
    review,
)
from armada_render.load import DirectorySource, Pinpointer, load
from armada_render.load import settings as fleet_settings
from armada_render.load.near import load_near
from armada_render.model.acknowledgement import object_key
from armada_render.model.config import Config
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference, string_map
from armada_render.model.work import Work
from armada_render.pipeline import Rendering, RenderOptions, render

MOST_SHOWN = 20
"""Problems whose lines are looked up; more do not fit into what Argo CD shows."""
_SYNC_OPTIONS = "argocd.argoproj.io/sync-options"


def answer(request: Request, settings: Settings, place: Place) -> bytes:
    """Return the objects of the application for its cluster as Argo CD reads them.

    Raises `ArmadaError` when anything that could change them is wrong, or a guard refuses.
    """
    source = DirectorySource(place.root)
    config = fleet_settings(source)
    if request.app and place.app:
        raise ArmadaError(
            Problem(
                message="the parameter app goes with an Application whose path is the fleet's root",
                hint="remove the parameter: the path names the app already",
                code=ExitCode.USAGE,
            )
        )
    near = load_near(source, (place.app,), config) if place.app else None
    loaded = near or load(source)
    _check_cluster(request, settings, loaded.fleet, request.app or place.app, source)
    strict = loaded.config.strict_inventory
    rendering = render(loaded.fleet, RenderOptions(strict_inventory=strict))
    problems = _blocking(rendering, loaded.fleet, request.cluster)
    if problems:
        raise _pinpointed(problems, source)
    own = _own(request, place, loaded.fleet)
    cluster = request.cluster
    _refuse_suspended(rendering, own, cluster)
    works = tuple(work for work in rendering.dispatched(cluster) if work.template in own)
    app = request.app or place.app
    _guard(cluster, app, config, works, _homes(rendering, own))
    _guard_against_lock(cluster, config, loaded.fleet, rendering, own)
    applied = as_applied({cluster: works}, config.argocd)[cluster]
    return encoded(applied, any_kind=settings.any_kind)


def _pinpointed(problems: Iterable[Problem], source: DirectorySource) -> ArmadaError:
    """Return the error of all problems in the order of files, the first ones with their lines."""
    ordered = sorted(problems, key=place_order)
    pinpointer = Pinpointer(source)
    shown = [pinpointer.find(problem) for problem in ordered[:MOST_SHOWN]]
    return ArmadaError([*sorted(shown, key=place_order), *ordered[MOST_SHOWN:]])


def _check_cluster(
    request: Request, settings: Settings, fleet: Fleet, app: str, source: DirectorySource
) -> None:
    names = [cluster.name for cluster in fleet.clusters]
    if request.cluster not in names:
        if fleet.problems:
            raise _pinpointed(fleet.problems, source)
        raise InputError(
            Problem(
                message=f"there is no cluster {request.cluster[:63]}"
                + (f"; the inventory has {', '.join(names[:20])}" if names else ", nor any other"),
                hint="correct the parameter cluster, or add the Cluster to the inventory",
            )
        )
    if settings.any_name or not request.application:
        return
    if not _is_named_after(request.application, request.cluster, names, app.rpartition("/")[2]):
        raise GuardError(
            Problem(
                message=f"the Application {request.application} is not named after the cluster "
                f"{request.cluster}: another cluster could get what is meant for this one",
                hint="call it <app>-<cluster>, or set ARMADA_RENDER_CMP_ANY_NAME=true in the "
                "sidecar",
                code=ExitCode.GUARD,
            )
        )


def _is_named_after(application: str, cluster: str, names: Sequence[str], app: str) -> bool:
    """Tell whether a name is that of `app` on `cluster`, or at least ends with the cluster."""
    if application in (application_name(app, cluster), cluster):
        return True
    endings = [name for name in names if application.endswith(f"-{name}")]
    return max(endings, key=len, default="") == cluster


def _blocking(rendering: Rendering, fleet: Fleet, cluster: str) -> list[Problem]:
    """Return all problems but those of building what other clusters get."""
    templates = {template.ref: template for template in fleet.templates}
    elsewhere = [
        stage_problem(error, templates.get(error.ref))
        for error in rendering.errors
        if error.stage == "work" and error.cluster not in ("", cluster)
    ]
    return [problem for problem in rendering.problems if problem not in elsewhere]


def _own(request: Request, place: Place, fleet: Fleet) -> frozenset[ObjectReference]:
    """Return the templates that the Application asks for."""
    prefix = f"{place.app}/" if place.app else ""
    return frozenset(
        template.ref
        for template in fleet.templates
        if (template.app == request.app if request.app else True)
        and (template.location is None or template.location.path.startswith(prefix))
    )


def _refuse_suspended(rendering: Rendering, own: frozenset[ObjectReference], cluster: str) -> None:
    problems = []
    for work in rendering.works.get(cluster, ()):
        if work.template not in own or cluster not in rendering.suspended.get(work.template, ()):
            continue
        options = string_map(work.manifest["metadata"].get("annotations")).get(_SYNC_OPTIONS, "")
        if "Prune=false" not in [option.strip() for option in options.split(",")]:
            problems.append(
                Problem(
                    message="is suspended on this cluster, and Argo CD would remove it if it were "
                    "left out",
                    resource=str(work.ref),
                    hint=f"annotate it with {_SYNC_OPTIONS}: Prune=false before you suspend it",
                    code=ExitCode.GUARD,
                )
            )
    if problems:
        raise GuardError(problems)


def _homes(rendering: Rendering, own: frozenset[ObjectReference]) -> list[str] | None:
    """Return the clusters that get anything of `own`, None when there is nothing to get."""
    if not own:
        return None
    return [
        cluster
        for cluster in rendering.works
        if any(work.template in own for work in rendering.dispatched(cluster))
    ]


def _guard(
    cluster: str,
    app: str,
    config: Config,
    works: Sequence[Work],
    homes: Sequence[str] | None,
) -> None:
    """Refuse to print nothing, unless `retire` says so, and the other way round."""
    problems = list(repeated({cluster: works}))
    if not works:
        empty = nothing_answered(cluster, app, homes, config.retire)
        problems += [empty] if empty else []
    elif config.retire:
        copies = of_works({cluster: works})[cluster]
        # An entry may name the Application's path, which is longer than the name of an app.
        named = {key: Copy(app or one.app, one.manifest) for key, one in copies.items()}
        problems += contradictions(config.retire, {cluster: named})
    if problems:
        raise GuardError(problems)


def _guard_against_lock(
    cluster: str,
    config: Config,
    fleet: Fleet,
    rendering: Rendering,
    own: frozenset[ObjectReference],
) -> None:
    """Refuse to leave out what the lock still places here: no other past is known (docs/guards.md).

    Whoever commits a removal renews the lock with it, and a reviewer sees both.
    """
    bindings = [binding for ref, binding in fleet.previous_bindings.items() if ref in own]
    if not bindings:
        return
    after = {
        name: {
            object_key(work.template): Copy(work.app, work.manifest)
            for work in works
            if work.template in own
        }
        for name, works in rendering.works.items()
    }
    verdict = review(
        of_lock(after, bindings, fleet.templates),
        after,
        circumstances(fleet, rendering),
        consent(fleet, config.retire),
        config.guard,
        only=cluster,
    )
    if not verdict.is_fine:
        hint = "correct the policies; if it is meant, renew the lock with `armada-render lock`"
        raise GuardError(refusal(verdict, "the lock", hint))
