"""What SARIF 2.1.0 (OASIS, 27 March 2020) asks of the part of it that we write, as a JSON schema.

Property names, required ones, enumerations and formats are those of the standard; unlike there,
what we do not write is not allowed at all, so that a misspelt property is found.
"""

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _list(items: dict[str, Any], *, at_least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": at_least, "uniqueItems": False}


_MESSAGE = _object(["text"], text=_TEXT)
_LOCATION = _object(
    [],
    physicalLocation=_object(
        ["artifactLocation"],
        artifactLocation=_object(
            ["uri"],
            # RFC 3986, path-noscheme: no colon in the first segment, no raw blank or percent.
            uri={"type": "string", "pattern": r"^([A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$"},
            uriBaseId={"const": "%SRCROOT%"},
        ),
        region=_object(
            ["startLine"],
            startLine={"type": "integer", "minimum": 1},
            startColumn={"type": "integer", "minimum": 1},
        ),
    ),
    logicalLocations=_list(_object(["fullyQualifiedName"], fullyQualifiedName=_TEXT), at_least=1),
)
_RULE = _object(
    ["id"],
    id=_TEXT,
    shortDescription=_MESSAGE,
    fullDescription=_MESSAGE,
    help=_MESSAGE,
    helpUri={"type": "string", "pattern": r"^https?://[^ ]+$"},
    defaultConfiguration=_object([], level=_LEVEL),
)
_RESULT = _object(
    ["message", "ruleId", "ruleIndex", "partialFingerprints"],
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=_LEVEL,
    message=_MESSAGE,
    locations=_list(_LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": _TEXT, "minProperties": 1},
)
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        ["$schema", "version", "runs"],
        **{
            "$schema": {"type": "string", "pattern": "sarif-2\\.1\\.0\\.json$"},
            "version": {"const": "2.1.0"},
            "runs": _list(
                _object(
                    ["tool", "results"],
                    tool=_object(
                        ["driver"],
                        driver=_object(["name"], name=_TEXT, version=_TEXT, rules=_list(_RULE)),
                    ),
                    invocations=_list(
                        _object(
                            ["executionSuccessful"],
                            executionSuccessful={"type": "boolean"},
                            toolExecutionNotifications=_list(
                                _object(
                                    ["message"],
                                    level=_LEVEL,
                                    message=_MESSAGE,
                                    locations=_list(_LOCATION),
                                ),
                                at_least=1,
                            ),
                        )
                    ),
                    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    results=_list(_RESULT),
                ),
                at_least=1,
            ),
        },
    ),
}
