"""Time the engine alone: how many bindings a second are scheduled, and how that grows.

Four kinds of placement take turns over the bindings: Duplicated by labels, static weights by
region, dynamic weights, Aggregated with a spread constraint. `python -m benchmarks.engine`.
"""

import statistics
import time
from collections.abc import Callable

from armada_render import admit, match, schedule
from armada_render.interpret import Interpreter
from armada_render.load import from_objects
from armada_render.model.binding import PreviousBinding
from armada_render.model.fleet import Fleet
from armada_render.model.resource import ObjectReference
from armada_render.yamlio import load_documents
from benchmarks import fleet

_PLACEMENTS = (
    """
    clusterAffinity:
      labelSelector: {matchLabels: {fleet: shop}}
""",
    """
    clusterAffinity: {}
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Weighted
      weightPreference:
        staticWeightList:
          - targetCluster:
              fieldSelector:
                matchExpressions: [{key: region, operator: In, values: [eu-west-1]}]
            weight: 2
          - targetCluster:
              fieldSelector:
                matchExpressions: [{key: region, operator: In, values: [us-east-1]}]
            weight: 1
""",
    """
    clusterAffinity: {}
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Weighted
      weightPreference: {dynamicWeight: AvailableReplicas}
""",
    """
    clusterAffinity: {}
    spreadConstraints: [{spreadByField: cluster, minGroups: 1, maxGroups: 5}]
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Aggregated
""",
)
_POLICY = """\
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {{name: {name}, namespace: team-{team}}}
spec:
  resourceSelectors: [{{apiVersion: apps/v1, kind: Deployment, name: {name}}}]
  placement:{placement}"""
_STATUS = """\
status:
  resourceSummary:
    allocatable: {{cpu: "{cpu}", memory: 512Gi, pods: "2000"}}
    allocated: {{cpu: "40", memory: 64Gi, pods: "300"}}
"""


def _texts(bindings: int, clusters: int) -> tuple[list[str], list[str]]:
    """Return the YAML of Deployments with their policies, and of the inventory."""
    apps = []
    for number in range(bindings):
        words = {"name": f"app-{number:05}", "team": number % 20}
        deployment = fleet.APP.format(**words).partition("\n---\n")[0]
        policy = _POLICY.format(placement=_PLACEMENTS[number % len(_PLACEMENTS)], **words)
        apps.append(f"{deployment}\n---\n{policy}")
    inventory = [
        fleet.CLUSTER.format(name=name, region=fleet.region(number))
        + _STATUS.format(cpu=100 + number % 7 * 50)
        for number, name in enumerate(fleet.cluster_names(clusters))
    ]
    return apps, inventory


def _seconds(job: Callable[[], object], runs: int = 5) -> float:
    """Return the median of several runs, in seconds of this process."""
    job()
    taken = []
    for _ in range(runs):
        start = time.process_time()
        job()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def _bound(found: Fleet) -> match.Matched:
    admitted = admit.policies(found.propagation_policies, ())
    previous: dict[ObjectReference, PreviousBinding] = {}
    return match.bind(found.templates, admitted.propagation, (), Interpreter(), previous)


def _measure(bindings: int, clusters: int) -> tuple[float, float]:
    """Return the seconds that parsing the YAML and scheduling the bindings take."""
    apps, inventory = _texts(bindings, clusters)
    documents = [item.value for text in (*apps, *inventory) for item in load_documents(text)]
    found = from_objects(documents)
    bound = _bound(found)
    placed = schedule.place(bound.bindings, found.clusters)
    failed = [binding for binding in placed if binding.reason]
    if failed or len(placed) != bindings:
        raise SystemExit(f"{len(failed)} of {len(placed)} bindings were not scheduled")
    parsing = _seconds(lambda: [load_documents(text) for text in apps], runs=3)
    scheduling = _seconds(lambda: schedule.place(bound.bindings, found.clusters))
    return parsing, scheduling


def main() -> None:
    """Print the growth over clusters, and scheduling against parsing."""
    print("bindings  clusters  schedule s  bindings/s  parse s  schedule / parse")
    for bindings, clusters in ((1000, 10), (1000, 100), (1000, 1000), (5000, 100)):
        parsing, scheduling = _measure(bindings, clusters)
        print(
            f"{bindings:8}  {clusters:8}  {scheduling:10.3f}  {bindings / scheduling:10.0f}"
            f"  {parsing:7.3f}  {scheduling / parsing:16.2f}"
        )


if __name__ == "__main__":
    main()
