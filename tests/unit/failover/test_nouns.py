from datetime import UTC, datetime, timedelta

import msgspec

from armada_render.failover import Cause, Memory, Ready, Reason
from armada_render.failover.memory import ClusterMemory, Condition, Move, Timer
from armada_render.model.resource import ObjectReference

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WEB = ObjectReference("apps/v1", "Deployment", "shop", "web")


def test_memory_survives_being_written_down() -> None:
    condition = Condition(status=Ready.FALSE, reason="ClusterNotReachable", since=NOON)
    memory = Memory(
        clusters={
            "member1": ClusterMemory(
                observed=Ready.FALSE, observed_since=NOON, seen=NOON, condition=condition
            )
        },
        unhealthy=(Timer(ref=WEB, cluster="member1", since=NOON),),
        moves=(Move(at=NOON + timedelta(seconds=1), ref=WEB, cluster="member1"),),
    )
    assert msgspec.json.decode(msgspec.json.encode(memory), type=Memory) == memory


def test_a_reason_reads_as_a_sentence_about_its_subject() -> None:
    moved = Reason(cause=Cause.TAINT_UNTOLERATED, message="leaves member1", ref=WEB)
    assert str(moved) == "Deployment/web (shop): leaves member1"
    tainted = Reason(cause=Cause.CLUSTER_TAINTED, message="is not ready", cluster="member1")
    assert str(tainted) == "member1: is not ready"
    frozen = Reason(cause=Cause.FREEZE_FILE, message="nothing is done")
    assert str(frozen) == "fleet: nothing is done"
