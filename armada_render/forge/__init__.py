"""Comments of pull requests and merge requests: posted, renewed and taken away, never piled up.

`parts` cuts what `diff -o markdown` prints, `upsert` decides what happens to which comment (both
pure), `github` and `gitlab` know the two APIs, `http` talks to them with the standard library.
"""
