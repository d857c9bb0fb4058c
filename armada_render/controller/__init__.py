"""The edge of failover: evidence in from Kubernetes, placement out into Git.

`evidence` is gathered by `watch` (Argo CD's Applications) and `probe` (the member clusters
themselves); what it means is decided by `armada_render.failover`, which is pure; `repository` and
`change` turn a decision into one commit; `lease` sees to it that one replica acts; `round` is one
pass of that, `run` the process around it. Only `kube` knows the kubernetes package.
"""
