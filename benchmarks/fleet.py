"""Make a fleet of a given size: apps of five objects with two policies, clusters in four regions.

`python -m benchmarks.fleet FOLDER --apps 1000 --clusters 100 --settings 35` writes one to look at.
"""

import argparse
from pathlib import Path

_WORDS = ("checkout", "catalog", "payment", "search", "session", "invoice", "stock")
"""What settings, variables and annotations of the larger apps are about."""
USUAL = 35
"""Settings of an app whose objects are as large as those of a company's fleet."""
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "ap-south-1")

APP = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: shop
      annotations:
        prometheus.io/port: "9090"
        prometheus.io/scrape: "true"
    spec:
      serviceAccountName: {name}
      containers:
        - name: main
          image: docker.io/acme/{name}:1.{team}.0
          args: ["--listen=0.0.0.0:8080", "--log-level=info"]
          env:
            - name: APP_NAME
              value: {name}
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
          ports:
            - name: http
              containerPort: 8080
            - name: metrics
              containerPort: 9090
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 10
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          volumeMounts:
            - name: config
              mountPath: /etc/{name}
      volumes:
        - name: config
          configMap:
            name: {name}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: {name}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: team-{team}
data:
  app.yaml: |
    log:
      level: info
    cache:
      size: 128
    upstreams:
    - http://backend-{team}.team-{team}.svc
  feature.flags: "on"
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
  namespace: team-{team}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
  namespace: team-{team}
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
"""

_POLICIES = """\
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata:
  name: {name}
  namespace: team-{team}
spec:
  resourceSelectors:
    - {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
    - {{apiVersion: v1, kind: Service, name: {name}}}
    - {{apiVersion: v1, kind: ConfigMap, name: {name}}}
    - {{apiVersion: v1, kind: ServiceAccount, name: {name}}}
    - {{apiVersion: policy/v1, kind: PodDisruptionBudget, name: {name}}}
  placement:
    clusterAffinity:
      labelSelector:
        matchLabels:
          fleet: shop
---
apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata:
  name: {name}
  namespace: team-{team}
spec:
  resourceSelectors:
    - {{apiVersion: apps/v1, kind: Deployment, name: {name}}}
  overrideRules:
"""

_RULE = """\
    - targetCluster:
        fieldSelector:
          matchExpressions:
            - {{key: region, operator: In, values: [{region}]}}
      overriders:
        imageOverrider:
          - {{component: Registry, operator: replace, value: {region}.registry.acme.example}}
        labelsOverrider:
          - operator: add
            value:
              region: {region}
"""

CLUSTER = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata:
  name: {name}
  labels:
    fleet: shop
spec:
  syncMode: Pull
  provider: aws
  region: {region}
"""


def cluster_names(count: int) -> list[str]:
    """Return the names of the clusters of a fleet."""
    return [f"member-{number:04}" for number in range(count)]


def region(number: int) -> str:
    """Return the region of the cluster with this number."""
    return REGIONS[number % len(REGIONS)]


def registry(where: str) -> str:
    """Return the registry that clusters of a region pull from."""
    return f"{where}.registry.acme.example"


def words(number: int) -> dict[str, object]:
    """Return the name and the team of an app."""
    return {"name": f"app-{number:05}", "team": number % 20}


def app_text(number: int, settings: int = 0) -> str:
    """Return the five objects of an app.

    Without `settings` they are of 0.4 KB on average, `USUAL` makes them 1.4 KB: so many
    lines of configuration, half as many variables, and annotations of the tools of a company.
    """
    text = APP.format(**words(number))
    if not settings:
        return text
    lines = "".join(
        f"    service.{_WORDS[item % len(_WORDS)]}.limit-{item}: {item * 250 + number}\n"
        for item in range(settings)
    )
    variables = "".join(
        f"            - name: {_WORDS[item % len(_WORDS)].upper()}_SETTING_{item}\n"
        f'              value: "https://{_WORDS[item % len(_WORDS)]}-{item}.acme.example/v1"\n'
        for item in range(settings // 2)
    )
    text = text.replace("          env:\n", f"          env:\n{variables}")
    text = text.replace('  feature.flags: "on"\n', f'{lines}  feature.flags: "on"\n')
    team = words(number)["team"]
    notes = "".join(
        f"    acme.example/{_WORDS[item % len(_WORDS)]}-{item}: owned by team {team}, see wiki\n"
        for item in range(settings // 5)
    )
    namespace = f"  namespace: team-{team}\n"  # each object has this line, and no annotations yet
    return text.replace(namespace, f"{namespace}  annotations:\n{notes}")


def write_fleet(root: Path, apps: int, clusters: int, settings: int = 0) -> None:
    """Write apps of five objects with two policies each, and an inventory."""
    rules = "".join(_RULE.format(region=region) for region in REGIONS)
    for number in range(apps):
        folder = root / str(words(number)["name"])
        folder.mkdir(parents=True)
        (folder / "app.yaml").write_text(app_text(number, settings))
        (folder / "policies.yaml").write_text(_POLICIES.format(**words(number)) + rules)
    (root / "clusters").mkdir()
    for number, name in enumerate(cluster_names(clusters)):
        text = CLUSTER.format(name=name, region=region(number))
        (root / "clusters" / f"{name}.yaml").write_text(text)


def main() -> None:
    """Write a fleet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--apps", type=int, default=1000)
    parser.add_argument("--clusters", type=int, default=100)
    parser.add_argument("--settings", type=int, default=0)
    options = parser.parse_args()
    write_fleet(options.folder, options.apps, options.clusters, options.settings)


if __name__ == "__main__":
    main()
