"""`armada-render schema`: the JSON Schema of armada.yaml, for editors."""

import click
import msgspec

from armada_render.cli.console import taken_by_stdout
from armada_render.model.config import CONFIG_NAME
from armada_render.model.configfile import Config


def config_schema() -> bytes:
    """Return the JSON Schema of `armada.yaml`."""
    schema = msgspec.json.schema(Config)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": CONFIG_NAME,
        **schema,
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


@click.command(name="schema")
def command() -> None:
    """Print the JSON Schema of armada.yaml, for editors and CI."""
    with taken_by_stdout():
        click.echo(config_schema(), nl=False)
