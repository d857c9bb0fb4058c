"""What `validate` looks for."""

from armada_render.model.result import Level, Rule

SCHEMA = Rule(
    id="schema",
    summary="A field has a value that the schema of its kind does not allow",
    description="A wrong type, a missing required field, a value outside an enumeration, pattern "
    "or limit: an API server refuses the object.",
    fix="write what the schema asks for; `kubectl explain` describes every field",
    level=Level.ERROR,
)
UNKNOWN_FIELD = Rule(
    id="unknown-field",
    summary="A field does not exist in the schema of its kind",
    description="kubectl's strict validation refuses it; where nobody is strict, an API server "
    "drops it without a word.",
    fix="correct the name, or remove the field",
    level=Level.ERROR,
)
NOT_SERVED = Rule(
    id="api-not-served",
    summary="The cluster's version of Kubernetes does not have the apiVersion or kind",
    description="The API group is one of Kubernetes' own, and that version does not serve the kind "
    "in it: it is too new, or was removed.",
    fix="write the object in an apiVersion that the cluster serves",
    level=Level.ERROR,
)
UNKNOWN_KIND = Rule(
    id="unknown-kind",
    summary="There is no schema for a kind",
    description="The kind is not one of Kubernetes' own, and no CustomResourceDefinition in the "
    "path describes it: its objects are not checked. An error with --strict.",
    fix="put its CustomResourceDefinition into the path, or name its file with --crds",
    level=Level.NOTE,
)
BAD_DEFINITION = Rule(
    id="unusable-definition",
    summary="The schema of a CustomResourceDefinition cannot be used",
    description="Objects of its kind are not checked.",
    fix="correct the schema",
)

RULES = (SCHEMA, UNKNOWN_FIELD, NOT_SERVED, UNKNOWN_KIND, BAD_DEFINITION)
