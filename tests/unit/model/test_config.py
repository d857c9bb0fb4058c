"""`armada.yaml`: every field is optional, none is unknown."""

from armada_render.model.config import AppGrouping, Config, Layout, OutputDefaults, OutputFormat
from armada_render.model.decode import decode


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
