"""Tables after Karmada's own: pkg/controllers/status/cluster_condition_cache_test.go."""

import pytest

from armada_render.failover import Evidence, Limits, Ready
from armada_render.failover.conditions import Look, looks
from armada_render.failover.memory import ClusterMemory
from armada_render.failover.sight import Sight
from armada_render.model.cluster import Cluster
from tests.support.failover import at, seen
from tests.support.scheduling import cluster

STATUS = {"T": Ready.TRUE, "F": Ready.FALSE, "U": Ready.UNKNOWN}


def _watched(member: Cluster, story: str) -> list[str]:
    """Return how a cluster counts after each look; a look every 10 seconds, `.` is none."""
    memory: dict[str, ClusterMemory] = {}
    found = []
    for number, sign in enumerate(story):
        now = at(10 * number)
        evidence = seen({"m": STATUS[sign]}, {}, now) if sign in STATUS else Evidence()
        look = looks([member], Sight(evidence=evidence, now=now, limits=Limits()), memory)["m"]
        if look.memory is not None:
            memory = {"m": look.memory}
        found.append(_sign(look))
    return found


def _sign(look: Look) -> str:
    sign = "-" if look.condition is None else str(look.condition.status)[0]
    return sign.lower() if look.comes_back else sign


@pytest.mark.parametrize(
    ("story", "counts"),
    [
        pytest.param("TTTT", "TTTT", id="ready"),
        pytest.param("TFFFFF", "TTTTFF", id="not-ready-after-thirty-seconds"),
        pytest.param("TFFTFFF", "TTTTTTT", id="a-short-failure"),
        pytest.param("TFTFTFTFTF", "TTTTTTTTTT", id="flapping"),
        pytest.param("TFFFFTTTTT", "TTTTFfffTT", id="ready-again-after-thirty-seconds"),
        pytest.param("TFFFFTFTTF", "TTTTFfFffF", id="not-quite-back"),
        pytest.param("TFFFFUU", "TTTTFUU", id="from-false-to-unknown-at-once"),
        pytest.param("TFFUFF", "TTTTTT", id="another-badness-starts-anew"),
        pytest.param("FFFFF", "---FF", id="not-ready-from-the-first-look"),
        pytest.param("FT", "-T", id="ready-at-the-second-look"),
        pytest.param("TFF.......FFFF", "TTTTTTTTTTTTTF", id="a-break-starts-anew"),
        pytest.param("TFFFF...........", "TTTTF" + "F" * 11, id="silence-changes-nothing"),
    ],
)
def test_how_looks_become_conditions(story: str, counts: str) -> None:
    assert "".join(_watched(cluster("m"), story)) == counts


def test_what_git_says_already_counts_at_once() -> None:
    marked = cluster("m", taints=[{"key": "cluster.karmada.io/not-ready", "effect": "NoSchedule"}])
    assert "".join(_watched(marked, "F")) == "F"
    assert "".join(_watched(marked, "TTTTT")) == "fffTT"


def test_a_look_says_when_it_may_change_and_when_it_began() -> None:
    memory: dict[str, ClusterMemory] = {}
    for seconds, wake in ((0, None), (7, 37), (20, 37), (37, None)):
        now = at(seconds)
        ready = Ready.TRUE if seconds == 0 else Ready.FALSE
        sight = Sight(evidence=seen({"m": ready}, {}, now), now=now, limits=Limits())
        look = looks([cluster("m")], sight, memory)["m"]
        assert look.wake == (None if wake is None else at(wake))
        assert look.memory is not None
        memory = {"m": look.memory}
    condition = memory["m"].condition
    assert condition is not None
    assert (condition.since, condition.reason) == (at(37), "LooksFalse")
    assert memory["m"].observed_since == at(7)


def test_old_evidence_is_none() -> None:
    member = cluster("m")
    evidence = seen({"m": Ready.TRUE}, {}, at(0))
    for seconds, fresh in ((60, True), (61, False)):
        sight = Sight(evidence=evidence, now=at(seconds), limits=Limits())
        look = looks([member], sight, {})["m"]
        assert (look.is_fresh, look.is_ready) == (fresh, fresh)
