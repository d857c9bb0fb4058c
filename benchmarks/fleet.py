"""Make a fleet of a given size, and kustomize overlays that build the same objects."""

from pathlib import Path

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
      value: {region}.registry.acme.example/acme/{name}:1.{team}.0
"""

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


def _app(number: int) -> dict[str, object]:
    return {"name": f"app-{number:05}", "team": number % 20}


def write_fleet(root: Path, apps: int, clusters: int) -> None:
    """Write apps of five objects with two policies each, and an inventory."""
    for number in range(apps):
        words = _app(number)
        folder = root / str(words["name"])
        folder.mkdir(parents=True)
        (folder / "app.yaml").write_text(APP.format(**words))
        rules = "".join(_RULE.format(region=region) for region in REGIONS)
        (folder / "policies.yaml").write_text(_POLICIES.format(**words) + rules)
    (root / "clusters").mkdir()
    for number, name in enumerate(cluster_names(clusters)):
        text = CLUSTER.format(name=name, region=region(number))
        (root / "clusters" / f"{name}.yaml").write_text(text)


def write_kustomize(root: Path, apps: int, clusters: int) -> None:
    """Write one base and an overlay for each cluster, which build what the fleet renders to."""
    base = root / "base"
    base.mkdir(parents=True)
    names = []
    for number in range(apps):
        words = _app(number)
        names.append(str(words["name"]))
        (base / f"{words['name']}.yaml").write_text(APP.format(**words))
    lines = "".join(f"- {name}.yaml\n" for name in names)
    (base / "kustomization.yaml").write_text(f"resources:\n{lines}")
    for index, name in enumerate(cluster_names(clusters)):
        where = region(index)
        patches = "".join(
            _PATCH.format(name=app, region=where, team=number % 20)
            for number, app in enumerate(names)
        )
        overlay = root / "overlays" / name
        overlay.mkdir(parents=True)
        (overlay / "kustomization.yaml").write_text(
            f"resources:\n- ../../base\npatches:\n{patches}"
        )
