"""What teams write by hand instead of policies: kustomize in two styles, and a Helm chart.

All build the objects that the fleet of the same size renders to; `check` makes sure that they do.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from armada_render.conformance import same
from armada_render.yamlio import load_documents
from benchmarks import fleet
from benchmarks.processes import BIN, Commands

_PATCH = """\
- target:
    kind: Deployment
    name: {name}
  patch: |-
    - op: add
      path: /metadata/labels/region
      value: {region}
    - op: replace
      path: /spec/template/spec/containers/0/image
      value: {registry}/acme/{name}:1.{team}.0
"""
_OVERLAY = """\
resources:
- ../base
images:
- name: docker.io/acme/{name}
  newName: {registry}/acme/{name}
patches:
- target:
    kind: Deployment
  patch: |-
    - op: add
      path: /metadata/labels/region
      value: {region}
"""
_CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
_REGION = "    region: {{ .Values.region }}\n"


def kubectl() -> str:
    """Return the kubectl that the extra `bench` installs, "" without it."""
    found = BIN / "kubectl"
    return str(found) if found.exists() else ""


def helm() -> str:
    """Return the helm that `benchmarks/helm.sh` unpacks, or that of the machine, "" without one."""
    found = BIN / "helm"
    return str(found) if found.exists() else shutil.which("helm") or ""


def write_by_cluster(root: Path, apps: int, clusters: int, settings: int = 0) -> None:
    """Write one base of all apps, and an overlay for each cluster with a patch for each app."""
    base = root / "base"
    base.mkdir(parents=True)
    names = [str(fleet.words(number)["name"]) for number in range(apps)]
    for number, name in enumerate(names):
        (base / f"{name}.yaml").write_text(fleet.app_text(number, settings))
    lines = "".join(f"- {name}.yaml\n" for name in names)
    (base / "kustomization.yaml").write_text(f"resources:\n{lines}")
    for index, cluster in enumerate(fleet.cluster_names(clusters)):
        where = fleet.region(index)
        patches = "".join(
            _PATCH.format(region=where, registry=fleet.registry(where), **fleet.words(number))
            for number in range(apps)
        )
        overlay = root / "clusters" / cluster
        overlay.mkdir(parents=True)
        (overlay / "kustomization.yaml").write_text(
            f"resources:\n- ../../base\npatches:\n{patches}"
        )


def write_by_app(root: Path, apps: int, clusters: int, settings: int = 0) -> None:
    """Write a base and an overlay for each cluster in a folder for each app, and lists of them."""
    for number in range(apps):
        words = fleet.words(number)
        app = root / "apps" / str(words["name"])
        (app / "base").mkdir(parents=True)
        (app / "base" / "app.yaml").write_text(fleet.app_text(number, settings))
        (app / "base" / "kustomization.yaml").write_text("resources:\n- app.yaml\n")
        for index, cluster in enumerate(fleet.cluster_names(clusters)):
            where = fleet.region(index)
            text = _OVERLAY.format(region=where, registry=fleet.registry(where), **words)
            (app / cluster).mkdir()
            (app / cluster / "kustomization.yaml").write_text(text)
    for cluster in fleet.cluster_names(clusters):
        lines = "".join(
            f"- ../../apps/{fleet.words(number)['name']}/{cluster}\n" for number in range(apps)
        )
        (root / "clusters" / cluster).mkdir(parents=True)
        (root / "clusters" / cluster / "kustomization.yaml").write_text(f"resources:\n{lines}")


def write_chart(root: Path, apps: int, clusters: int, settings: int = 0) -> None:
    """Write one chart with a template for each app, and a file of values for each cluster.

    A chart and a release for each app is more usual, and starts helm for each app and cluster.
    """
    (root / "templates").mkdir(parents=True)
    (root / "Chart.yaml").write_text(_CHART)
    for number in range(apps):
        text = fleet.app_text(number, settings)
        labels = "    app.kubernetes.io/part-of: shop\n"
        text = text.replace(labels, labels + _REGION, 1)  # the first labels are the Deployment's
        text = text.replace("image: docker.io/", "image: {{ .Values.registry }}/")
        (root / "templates" / f"{fleet.words(number)['name']}.yaml").write_text(text)
    (root / "clusters").mkdir()
    for index, cluster in enumerate(fleet.cluster_names(clusters)):
        where = fleet.region(index)
        values = f"region: {where}\nregistry: {fleet.registry(where)}\n"
        (root / "clusters" / f"{cluster}.yaml").write_text(values)


def kustomize(root: Path, clusters: int) -> Commands:
    """Return the commands that build each cluster of either style, to standard output."""
    return [
        [kubectl(), "kustomize", str(root / "clusters" / cluster)]
        for cluster in fleet.cluster_names(clusters)
    ]


def template(root: Path, clusters: int) -> Commands:
    """Return the commands that render the chart for each cluster, to standard output."""
    return [
        [helm(), "template", "shop", str(root), "-f", str(root / "clusters" / f"{cluster}.yaml")]
        for cluster in fleet.cluster_names(clusters)
    ]


def check(commands: Commands, works: Mapping[str, Sequence[object]]) -> int:
    """Make sure that the commands, one for each cluster, build what we do; return the objects.

    Ends the program where they do not.
    """
    count = 0
    for command, (cluster, ours) in zip(commands, works.items(), strict=True):
        built = subprocess.run(command, capture_output=True, check=True).stdout
        theirs = [document.value for document in load_documents(built)]
        if len(theirs) != len(ours) or not same(_by_name(ours), _by_name(theirs)):
            raise SystemExit(f"{cluster}: {' '.join(command)} does not build what we do")
        count += len(theirs)
    return count


def _by_name(objects: Sequence[object]) -> dict[str, object]:
    return dict(_named(objects))


def _named(objects: Sequence[object]) -> Iterator[tuple[str, object]]:
    for item in objects:
        match item:
            case {"kind": kind, "metadata": {"name": name}}:
                yield json.dumps([kind, name]), item
