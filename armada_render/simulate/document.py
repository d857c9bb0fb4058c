"""Outcomes for machines: plain data, and the results that CI reads as tests. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from armada_render.emit.junit import Case, junit
from armada_render.lock import Change
from armada_render.model.binding import PreviousBinding
from armada_render.model.result import Level, Result
from armada_render.simulate.outcome import Loss, Outcome
from armada_render.simulate.play import Event

API_VERSION = "armada-render/v1"


def document(outcomes: Iterable[Outcome], changed: Sequence[Change] = ()) -> dict[str, Any]:
    """Return what `simulate -o json` prints; its fields are only ever added to."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Simulation",
        "changes": [_move(one) for one in changed],
        "scenarios": [_scenario(one) for one in outcomes],
    }


def _scenario(one: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": one.scenario.title,
        "fails": list(one.scenario.fails),
        "drains": list(one.scenario.drains),
        "objects": one.touched,
        "events": [_event(event) for event in one.events],
        "moves": [_move(change) for change in one.moves],
        "losses": [_loss(loss) for loss in one.losses],
        "tornApart": [
            {
                "resource": str(tear.ref),
                "missing": str(tear.missing),
                "clusters": list(tear.clusters),
                "message": tear.sentence,
                "hint": tear.remedy,
            }
            for tear in one.tears
        ],
        "mends": list(one.mends),
        "room": [
            {
                "cluster": room.cluster,
                "resource": room.resource,
                "takenNano": room.taken,
                "freeNano": room.free,
                "totalNano": room.total,
            }
            for room in one.rooms
        ],
    }
    if one.returns is not None:
        found["returnsAtSeconds"] = round(one.returned_at)
        found["revived"] = [
            {"resource": str(ref), "cluster": cluster} for ref, cluster in one.revived
        ]
        found["returns"] = [_move(change) for change in one.returns]
    return found


def _event(event: Event) -> dict[str, Any]:
    reason = event.reason
    return {
        "seconds": round(event.seconds),
        "cause": str(reason.cause),
        "resource": str(reason.ref) if reason.ref else None,
        "cluster": reason.cluster or None,
        "message": reason.message,
        "isHeld": event.is_held,
        "isAfterReturn": event.is_after,
    }


def _move(change: Change) -> dict[str, Any]:
    return {
        "resource": str(change.ref),
        "before": _targets(change.before),
        "after": _targets(change.after),
    }


def _targets(state: PreviousBinding | None) -> list[dict[str, Any]]:
    if state is None:
        return []
    return [{"name": one.name, "replicas": one.replicas} for one in state.clusters]


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        "resource": str(loss.ref),
        "clusters": list(loss.clusters),
        "replicasLeft": loss.left,
        "replicasWanted": loss.wanted,
        "isGone": loss.is_gone,
        "runsPods": loss.runs_pods,
        "reason": loss.why,
    }


def as_junit(outcomes: Iterable[Outcome]) -> bytes:
    """Return one test a scenario, which fails when anything is lost or torn apart."""
    return junit(
        "armada-render simulate",
        (
            Case(
                group="armada-render simulate",
                name=one.scenario.title,
                failures=tuple(_results(one)),
            )
            for one in outcomes
        ),
    )


def _results(one: Outcome) -> Iterator[Result]:
    for rule, level, losses in (
        ("down", Level.ERROR, one.gone),
        ("reduced", Level.WARNING, one.reduced),
        ("unreached", Level.WARNING, one.out_of_reach),
    ):
        for loss in losses:
            left = f"{loss.left} of {loss.wanted} replicas left" if loss.left else "nothing left"
            yield Result(
                rule=rule, level=level, message=f"{left}: {loss.why}", resource=str(loss.ref)
            )
    hint = "; ".join(one.mends)
    for tear in one.tears:
        yield Result(
            rule="torn-apart",
            level=Level.ERROR,
            message=tear.sentence,
            resource=str(tear.ref),
            hint=hint or tear.remedy,
        )
