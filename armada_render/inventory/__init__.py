"""The inventory as files: change a `Cluster` where it stands, write new ones, import them.

`words` reads what people type, `change` says what becomes of a cluster's file (both pure), `files`
finds and replaces files.
"""
