"""`armada-render status`: what the controller sees and would do, from a laptop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click
import msgspec

from armada_render.cli.console import Console, printable
from armada_render.cli.failover_options import (
    ACCESS_OPTIONS,
    LIMIT_OPTIONS,
    access_of,
    declared,
    limits_of,
    require_extra,
)
from armada_render.cli.options import option

_TEXT, _JSON = "text", "json"


@click.command(name="status")
@click.argument("path", type=click.Path(exists=True, file_okay=False))
@option("--offline", is_flag=True, help="Ask no cluster: show what Git says.")
@option(
    "--horizon",
    default=900.0,
    show_default=True,
    metavar="SECONDS",
    help="How far to look ahead, if everything stays as it is.",
)
@option(
    "-o",
    "--output",
    of="status",
    type=click.Choice([_TEXT, _JSON]),
    default=_TEXT,
    show_default=True,
    help="How to print it.",
)
@declared(*ACCESS_OPTIONS, *LIMIT_OPTIONS)
@click.pass_obj
def command(console: Console, /, **given: Any) -> int:  # noqa: ANN401 - click's parameters
    """Show clusters, unhealthy workloads and evictions in flight of PATH, and what would follow.

    PATH is a clone of what the controller reads. Nothing is written.
    """
    require_extra()
    from armada_render.controller.status import status  # noqa: PLC0415 - imports kubernetes
    from armada_render.load import DirectorySource  # noqa: PLC0415

    found = status(
        DirectorySource(given["path"]),
        None if given["offline"] else access_of(given),
        limits_of(given),
        timedelta(seconds=given["horizon"]),
        datetime.now(UTC),  # noqa: TID251 - this is an edge
    )
    if given["output"] == _JSON:
        document = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
        console.product(document)
        return 0
    for line in _lines(msgspec.to_builtins(found), given["horizon"]):
        console.product(printable(line))
    return 0


def _lines(found: dict[str, Any], horizon: float) -> list[str]:
    lines = _clusters(found)
    lines += _table(
        "Unhealthy workloads",
        [
            (one["resource"], one["cluster"], one["message"] or one["health"])
            for one in found["unhealthy"]
        ],
    )
    lines += _table(
        "Evictions in flight",
        [
            (
                one["resource"],
                f"{one['from']} -> {','.join(one['to']) or 'nowhere'}",
                one["purgeMode"],
                one["reason"],
                f"until {one['ends']}" if one["ends"] else "until a person ends it",
            )
            for one in found["evictions"]
        ],
    )
    if not found["evictions"]:
        lines += ["", "No eviction is in flight."]
    if found["isOffline"]:
        return [*lines, "", "No cluster was asked."]
    lines += _table("Held back", [(text,) for text in found["held"]])
    lines += _table("Applications that nothing is rendered for", [(n,) for n in found["leftOver"]])
    lines += ["", f"If everything stays as it is, within {_span(horizon)}:"]
    for step in found["forecast"]:
        lines += [
            f"  in {_span(step['afterSeconds'])}: {text}"
            for text in [*step["reasons"], *step["changes"]]
        ]
    if not found["forecast"]:
        lines.append("  nothing is done")
    lines += ["", f"Leader: {found['leader'] or 'not known'}"]
    return lines


def _clusters(found: dict[str, Any]) -> list[str]:
    rows: list[tuple[str, ...]] = [("CLUSTER", "READY", "APPLICATIONS", "TAINTS", "")]
    for one in found["clusters"]:
        blind = one.get("blindApplications", 0)
        count = f"{one['applications']}" if "applications" in one else "-"
        rows.append(
            (
                one["name"],
                one.get("ready", "-"),
                f"{count} ({blind} not compared)" if blind else count,
                ",".join(one["taints"]) or "-",
                "" if one.get("ready") == "True" else one.get("message", ""),
            )
        )
    return _columns(rows)


def _table(title: str, rows: list[tuple[str, ...]]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in _columns(rows))] if rows else []


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{minutes} min"] if minutes else []
    if rest or not parts:
        parts.append(f"{rest} s")
    return " ".join(parts)
