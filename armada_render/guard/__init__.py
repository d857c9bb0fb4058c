"""Guards: what a change may not do to what runs, unless Git says that it is meant. Pure.

Argo CD removes what is no longer rendered, so the worst that can happen is that too little is. A
guard looks at two snapshots, what clusters were given before and what they would be given now, and
tells what leaves them for good from what moves (`removal`). What is more than the limits allow
(`limits`), and neither acknowledged nor retired (`consent`), is refused in one sentence (`words`).
Emptiness (`emptiness`) and objects that would replace each other (`uniqueness`) need no past.

Upstream has no guards: Karmada keeps what no policy takes any more, Argo CD asks only before it
removes all of an Application.
"""

from armada_render.guard.consent import (
    acknowledgement_text,
    consent,
    contradictions,
    spent_with,
    stale,
)
from armada_render.guard.emptiness import nothing_answered, nothing_rendered
from armada_render.guard.limits import Verdict, review
from armada_render.guard.removal import Circumstances, circumstances, circumstances_of, elastic
from armada_render.guard.snapshot import (
    AnyCopy,
    Copy,
    LateCopy,
    Snapshot,
    of_lock,
    of_manifests,
    of_works,
)
from armada_render.guard.uniqueness import repeated
from armada_render.guard.words import refusal

__all__ = [
    "AnyCopy",
    "Circumstances",
    "Copy",
    "LateCopy",
    "Snapshot",
    "Verdict",
    "acknowledgement_text",
    "circumstances",
    "circumstances_of",
    "consent",
    "contradictions",
    "elastic",
    "nothing_answered",
    "nothing_rendered",
    "of_lock",
    "of_manifests",
    "of_works",
    "refusal",
    "repeated",
    "review",
    "spent_with",
    "stale",
]
