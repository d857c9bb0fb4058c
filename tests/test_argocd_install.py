"""The files with which the plugin is installed."""

from armada_render.version import __version__
from armada_render.yamlio import load_documents
from tests.support.argocd_plugin.harness import (
    NAME,
    PLUGIN,
)


def test_the_sidecar_of_helm_and_of_kustomize_is_the_same() -> None:
    folder = PLUGIN.parent / "install"
    patch = load_documents((folder / "repo-server.yaml").read_bytes())[0].value
    values = load_documents((folder / "helm-values.yaml").read_bytes())[0].value["repoServer"]
    pod = patch["spec"]["template"]["spec"]
    assert pod["containers"] == values["extraContainers"]
    assert pod["volumes"] == values["volumes"]
    (container,) = pod["containers"]
    probe = container["readinessProbe"]["exec"]["command"][2]
    assert f'"/home/argocd/cmp-server/plugins/{NAME}.sock"' in probe
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert mounts["/tmp"] == pod["volumes"][0]["name"] != "tmp"


def test_the_plugin_is_named_with_the_version_of_the_program() -> None:
    (document,) = load_documents(PLUGIN.read_bytes())
    spec = document.value["spec"]
    assert spec["version"] == __version__
    assert "discover" not in spec
    assert "dynamic" not in spec["parameters"]
