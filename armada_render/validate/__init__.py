"""Check what is rendered against the schemas of Kubernetes and of CustomResourceDefinitions.

Needs the extra `validate`: import `check` only when `data.is_installed()`.
"""
