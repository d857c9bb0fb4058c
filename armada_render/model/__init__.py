"""The nouns: frozen values decoded once from documents. No I/O, no decisions.

Field names are Karmada's and Kubernetes' own (`policy.karmada.io/v1alpha1`,
`cluster.karmada.io/v1alpha1`, `work.karmada.io/v1alpha2` of Karmada v1.19), in snake case.
"""
