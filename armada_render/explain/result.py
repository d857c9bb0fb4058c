"""What an explanation says, as data. docs/explain.md is its contract: fields are only added."""

from typing import Any

from msgspec import Struct

API_VERSION = "armada-render/v1"


class Node(Struct, frozen=True, rename="camel"):
    """What every struct here inherits."""


class Verdict(Node, frozen=True, kw_only=True):
    """What became of a policy for the object.

    `outcome` is `won`, `lost`, `mismatch` (it does not select the object) or `rejected`; `failed`
    are the parts of the closest selector that do not match.
    """

    policy: str
    location: str
    outcome: str
    reason: str
    priority: int | None = None
    implicit_priority: int | None = None
    failed: tuple[str, ...] = ()


class Target(Node, frozen=True):
    """A cluster that gets the object; `held` where suspension keeps it back.

    `replicas` is null for what is no workload, `required` is set where only a dependency asks.
    """

    cluster: str
    replicas: int | None
    held: bool
    required: bool


class Group(Node, frozen=True):
    """An affinity group that was tried; `message` is "" for the one that was taken."""

    name: str
    taken: bool
    message: str


class Candidate(Node, frozen=True):
    """A cluster that passed all filters; `room` is null where the capacity is not known."""

    cluster: str
    score: int
    room: int | None
    available: int
    tier: int


class Constraint(Node, frozen=True):
    """A spread constraint: by a field, or by a label."""

    by: str
    min_groups: int
    max_groups: int


class Region(Node, frozen=True):
    """A region with candidates, its score as a group, and whether it was chosen."""

    name: str
    score: int
    chosen: bool


class Share(Node, frozen=True):
    """What a cluster got: `replicas`, of which `kept` were there; `weight` is null without one."""

    cluster: str
    weight: int | None
    kept: int
    replicas: int


class Division(Node, frozen=True):
    """How `replicas` were divided: `strategy` as in the policy, `mode` as it was done."""

    strategy: str
    mode: str
    replicas: int
    total_weight: int
    shares: tuple[Share, ...]


class Refusal(Node, frozen=True):
    """Why a cluster is no target."""

    cluster: str
    rule: str
    reason: str


class Referrer(Node, frozen=True):
    """An object that takes this one along, the policy that lets it, and where they go."""

    object: str
    policy: str
    clusters: tuple[str, ...]


class Eviction(Node, frozen=True):
    """A cluster that the object is being moved away from."""

    cluster: str
    purge_mode: str
    reason: str
    producer: str


class Placement(Node, frozen=True):
    """How one binding got its clusters; all but `policy` as the scheduler recorded it."""

    binding: str
    policy: str
    cause: str
    kept: str
    lock: str
    replicas: int | None
    requests: dict[str, str]
    groups: tuple[Group, ...]
    candidates: tuple[Candidate, ...]
    constraints: tuple[Constraint, ...]
    regions: tuple[Region, ...]
    selected: tuple[str, ...] | None
    divisions: tuple[Division, ...]
    targets: tuple[Target, ...]
    refusals: tuple[Refusal, ...]
    required_by: tuple[Referrer, ...]
    evictions: tuple[Eviction, ...]
    reason: str
    message: str


class Change(Node, frozen=True):
    """A field that a step added, removed or changed; secrets are masked."""

    field: str
    change: str
    before: Any
    after: Any


class BuildStep(Node, frozen=True):
    """What a step of building changed; an override has its policy, and the overrider's path."""

    action: str
    policy: str
    field: str
    location: str
    changes: tuple[Change, ...]


class PassedRule(Node, frozen=True):
    """An override rule that selects the object, but not these clusters."""

    policy: str
    field: str
    location: str


class Build(Node, frozen=True):
    """What the same clusters get: the final object, and all steps from the template to it."""

    clusters: tuple[str, ...]
    object: str
    replicas: int | None
    steps: tuple[BuildStep, ...]
    passed: tuple[PassedRule, ...]


class FieldStep(Node, frozen=True):
    """The value of a field after a step that set it; `set` is false where it is not there."""

    action: str
    policy: str
    field: str
    location: str
    set: bool
    value: Any


class FieldChain(Node, frozen=True):
    """How a field came to its value on some clusters; the last step is what they get."""

    clusters: tuple[str, ...]
    field: str
    steps: tuple[FieldStep, ...]
    siblings: tuple[str, ...]


class Failure(Node, frozen=True):
    """What went wrong with the object, or what a user should know of it."""

    stage: str
    location: str
    cluster: str
    policy: str
    field: str
    message: str
    hint: str


class ObjectExplanation(Node, frozen=True, kw_only=True):
    """Why an object is where it is, and looks as it does there.

    `scope` are the clusters that were asked for, none for all of them.
    """

    api_version: str = API_VERSION
    kind: str = "ObjectExplanation"
    object: str
    location: str
    app: str
    scope: tuple[str, ...]
    passed_over: str
    policies: tuple[Verdict, ...]
    placements: tuple[Placement, ...]
    brings: tuple[str, ...]
    builds: tuple[Build, ...]
    fields: tuple[FieldChain, ...]
    errors: tuple[Failure, ...]
    warnings: tuple[Failure, ...]


class SelectedObject(Node, frozen=True):
    """An object that a policy selects.

    `outcome` is `won` or `lost`, `applied` or `passed` for an override policy, or `failed`.
    """

    object: str
    outcome: str
    reason: str
    clusters: tuple[str, ...]


class SelectorReport(Node, frozen=True):
    """An entry of `resourceSelectors`, and how many objects it matches by itself."""

    field: str
    location: str
    selector: dict[str, Any]
    matches: int


class PolicyExplanation(Node, frozen=True, kw_only=True):
    """Whether a policy takes part, and what it does."""

    api_version: str = API_VERSION
    kind: str = "PolicyExplanation"
    policy: str
    location: str
    rejected: bool
    problems: tuple[Failure, ...]
    priority: int | None
    selectors: tuple[SelectorReport, ...]
    objects: tuple[SelectedObject, ...]
