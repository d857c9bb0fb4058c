"""The files with which the plugin is installed."""

import re
from pathlib import Path

from armada_render.cmp.request import PARAMETERS
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
    announced = spec["parameters"]["static"]
    assert sorted(one["name"] for one in announced) == sorted(PARAMETERS)
    assert {one["collectionType"] for one in announced} == {"string"}
    assert [one["name"] for one in announced if one.get("required")] == ["cluster"]
    assert spec["provideGitCreds"] is spec["preserveFileMode"] is False


def test_the_sidecar_can_do_nothing_but_render() -> None:
    patch = load_documents((PLUGIN.parent / "install" / "repo-server.yaml").read_bytes())[0].value
    pod = patch["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 999,
        "runAsGroup": 999,
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["command"] == ["/var/run/argocd/argocd-cmp-server"]
    assert container["resources"]["limits"]["memory"]
    assert pod["volumes"][0]["emptyDir"]["sizeLimit"]
    binaries = next(one for one in container["volumeMounts"] if one["name"] == "var-files")
    assert binaries["readOnly"] is True
    folder = PLUGIN.parent / "install"
    policy = load_documents((folder / "network-policy.yaml").read_bytes())[0].value
    assert policy["spec"]["policyTypes"] == ["Egress"]
    component = load_documents((folder / "kustomization.yaml").read_bytes())[0].value
    named = [component["patches"][0]["path"], *component["resources"]]
    assert all((folder / name).exists() for name in named)


def test_what_troubleshooting_explains_is_what_the_plugin_says() -> None:
    package = PLUGIN.parents[1] / "armada_render"
    words = re.compile(r"[\s\"]+")
    # Messages are written over several lines, and with values in them.
    said = words.sub(" ", " ".join(path.read_text() for path in sorted(package.rglob("*.py"))))
    said = said.replace("{CONFIG_NAME}", "armada.yaml")
    said = words.sub(" ", re.sub(r"\{[^{}]*\}|\bf(?=[ \'])", " ", said))
    page = (Path(__file__).parent.parent / "docs" / "argocd-troubleshooting.md").read_text()
    section = page.partition("## The plugin says")[2].partition("## Argo CD says")[0]
    headings = re.findall(r"^### (.*)$", section, re.MULTILINE)
    assert len(headings) > 15
    for heading in headings:
        parts = re.split(r"\b[A-Z]{3,}\b| took longer than 30 s|\.argocd-source\.yaml: |,", heading)
        assert any(part.strip() in said for part in parts if len(part) > 8), heading
