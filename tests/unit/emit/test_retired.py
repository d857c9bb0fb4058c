"""What stands where an app was taken off a cluster."""

from armada_render.emit import retired_pairs, tree
from armada_render.model.config import Layout, Retirement
from tests.support.argocd import thing, work

WEB = work("web", thing("Deployment"))


def test_pairs_that_are_named_in_full_and_have_nothing() -> None:
    entries = [
        Retirement(cluster="two", app="web"),
        Retirement(cluster="two", app="web"),
        Retirement(cluster="one", app="web"),
        Retirement(cluster="gone", app="web"),
        Retirement(cluster="two"),
        Retirement(app="db"),
        Retirement(cluster="two", app="team/web"),
    ]
    assert retired_pairs(entries, {"one": [WEB], "two": []}) == (("two", "web"),)


def test_a_file_that_is_no_manifest_keeps_the_folder() -> None:
    for layout in Layout:
        *_, kept = tree({"one": [WEB], "two": []}, layout, [("two", "web")])
        assert kept.path == "two/web/retired.txt"
        assert kept.data.startswith(b"Nothing of web is to run on two any more")
