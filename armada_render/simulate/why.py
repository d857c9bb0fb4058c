"""Why something stays where it is lost, in words. Pure."""

from armada_render.failover.application import rule_of
from armada_render.failover.taints import NO_EXECUTE
from armada_render.model.binding import ResourceBinding
from armada_render.simulate.play import Course
from armada_render.simulate.pods import pod_runners


def why_not_moved(course: Course, binding: ResourceBinding) -> str:
    """Return why `binding` was not placed elsewhere: what held it back, or what it lacks."""
    for event in course.events:
        if event.is_held and event.reason.ref in (binding.ref, None):
            return event.reason.message
    if binding.placement is None:
        return "goes where what needs it goes"
    policy = binding.policy.key if binding.policy else "its policy"
    driven = any(
        taint.effect == NO_EXECUTE
        for cluster in course.during.clusters
        if cluster.name in course.scenario.victims
        for taint in cluster.spec.taints
    )
    taints = "tolerates its taints" if driven else "no ClusterTaintPolicy drives it away"
    return f"{_application(course, binding, policy)}, and {taints}"


def _application(course: Course, binding: ResourceBinding, policy: str) -> str:
    if rule_of(binding) is None:
        if binding.failover is not None and binding.failover.application is not None:
            return f"{policy} has failover.application without propagateDeps"
        return f"{policy} has no failover.application"
    if course.scenario.is_silent:
        return "nothing is known of its health"
    if binding.ref not in pod_runners(course.before):
        return "it is never unhealthy itself"
    return "it was healthy"
