import pytest

from armada_render.emit.argocd.destinations import destinations
from armada_render.errors import Problem
from armada_render.model.argocd import ArgoCD, Destination
from tests.support.argocd import member


def _wrong(*clusters: str, **mapped: Destination) -> list[str]:
    problems: list[Problem] = []
    destinations([member(name) for name in clusters], ArgoCD(destinations=mapped), problems)
    return [f"{problem.field or problem.resource}: {problem.message}" for problem in problems]


def test_the_mapping_goes_before_the_annotation_and_the_name_comes_last() -> None:
    clusters = [
        member("a", argocd_destination_name="from-annotation"),
        member("b", argocd_destination_server="https://b.example.com:6443"),
        member("c", argocd_destination_name="not-used"),
        member("d"),
    ]
    problems: list[Problem] = []
    found = destinations(clusters, ArgoCD(destinations={"c": Destination("mapped")}), problems)
    assert found == {
        "a": Destination(name="from-annotation"),
        "b": Destination(server="https://b.example.com:6443"),
        "c": Destination(name="mapped"),
        "d": Destination(name="d"),
    }
    assert not problems


def test_a_cluster_that_is_not_there_is_an_error() -> None:
    assert _wrong("a", b=Destination("x")) == [
        "argocd.destinations.b: no cluster of the inventory has this name"
    ]


@pytest.mark.parametrize("one", [Destination(), Destination("a", "https://a")])
def test_a_destination_has_a_name_or_a_server(one: Destination) -> None:
    assert _wrong("a", a=one) == ["argocd.destinations.a: give either name or server"]


@pytest.mark.parametrize(
    "one",
    [
        Destination("prod-*"),
        Destination("!prod"),
        Destination("a b"),
        Destination("{a,b}"),
        Destination("a\n"),
        Destination(server="https://[fd00::1]:6443"),
    ],
)
def test_patterns_are_refused(one: Destination) -> None:
    assert len(_wrong("a", a=one)) == 1


@pytest.mark.parametrize("server", ["a.example.com", "https://me:secret@a.example.com", "https://"])
def test_a_server_is_a_url_without_credentials(server: str) -> None:
    (message,) = _wrong("a", a=Destination(server=server))
    assert "secret" not in message


def test_two_clusters_are_never_the_same_destination() -> None:
    (message,) = _wrong("a", "b", b=Destination("a"))
    assert message.startswith("Cluster/b: a and b are the same cluster of Argo CD, a")


def test_annotations_are_judged_where_they_stand() -> None:
    problems: list[Problem] = []
    both = member("a", argocd_destination_name="a", argocd_destination_server="https://a")
    destinations([both], ArgoCD(), problems)
    assert [(one.field, one.resource) for one in problems] == [
        ("metadata.annotations", "Cluster/a")
    ]
