"""`armada.yaml`: every field is optional, none is unknown."""

from msgspec.structs import asdict, replace

from armada_render.model import config
from armada_render.model.config import AppGrouping, Layout, OutputDefaults, OutputFormat
from armada_render.model.configfile import Config
from armada_render.model.decode import decode
from armada_render.model.lint import LintSettings


def test_an_empty_config_is_all_defaults() -> None:
    assert decode({}, Config).value == Config()
    assert Config().namespace == "default"
    assert Config().output == OutputDefaults(format=None, directory="", layout=Layout.BUNDLE)


def test_all_fields() -> None:
    document = {
        "apiVersion": "armada-render/v1",
        "kind": "Config",
        "ignore": ["docs/"],
        "namespace": "shop",
        "clusterScoped": ["example.io/Widget"],
        "apps": {"label": "app"},
        "output": {"format": "tree", "directory": "../out", "layout": "files"},
        "strictInventory": True,
    }
    assert decode(document, Config).value == Config(
        ignore=("docs/",),
        namespace="shop",
        cluster_scoped=("example.io/Widget",),
        apps=AppGrouping(label="app"),
        output=OutputDefaults(format=OutputFormat.TREE, directory="../out", layout=Layout.FILES),
        strict_inventory=True,
    )


def test_an_unknown_field_is_named_with_its_neighbour() -> None:
    decoded = decode({"namespaces": "shop"}, Config)
    assert [(item.path, item.hint) for item in decoded.problems] == [
        (("namespaces",), 'did you mean "namespace"?')
    ]


def test_another_kind_of_file_is_refused() -> None:
    assert decode({"kind": "Deployment"}, Config).value is None


def test_a_path_without_a_file_has_the_same_settings() -> None:
    defaults, written = config.Config(), Config()
    assert Config.__struct_fields__ == config.Config.__struct_fields__
    assert replace(defaults, lint=LintSettings()) == config.Config(**asdict(written))
