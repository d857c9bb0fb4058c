import pytest

from armada_render.emit.argocd.names import application_name, label_text, set_name
from armada_render.model.selector import label_value_error


def test_the_name_is_that_of_the_app_and_the_cluster() -> None:
    assert application_name("web", "eu-1") == "web-eu-1"


@pytest.mark.parametrize(
    ("app", "cluster", "name"),
    [
        ("Web_Shop", "eu-1", "web-shop-eu-1-1a068a53"),
        ("a" * 80, "eu-1", "a" * 54 + "-d1dc0074"),
        ("a" * 50, "b" * 13, "a" * 50 + "-bbb-4f5dfc92"),
        ("{{.x}}", "eu-1", "x-eu-1-83fda870"),
        ("日本", "eu-1", "eu-1-488a0f66"),
        ("-web", "eu-1", "web-eu-1-17d80289"),
    ],
)
def test_what_is_no_dns_label_gets_a_hash(app: str, cluster: str, name: str) -> None:
    # Names are for ever: another one would leave the old Application and its objects behind.
    assert application_name(app, cluster) == name


def test_a_name_of_exactly_63_letters_stays() -> None:
    assert application_name("a" * 58, "eu-1") == "a" * 58 + "-eu-1"


def test_the_hash_tells_apart_what_the_rest_does_not() -> None:
    names = {application_name(app, "eu-1") for app in ("web", "Web", "WEB", "wEb", "web.", "_web")}
    assert len(names) == 6


@pytest.mark.parametrize(
    ("app", "name"), [("web", "web"), ("Web", "web-29751047"), ("日本", "app-cf2abf0c")]
)
def test_a_set_is_named_after_its_app(app: str, name: str) -> None:
    assert set_name(app) == name


@pytest.mark.parametrize("text", ["", "us-east-1", "A_b.c", "x" * 63])
def test_a_label_value_stays(text: str) -> None:
    assert label_text(text) == text


@pytest.mark.parametrize("text", ["us east", "x" * 64, "-", "日本", "a/b", "{{", "a\nb"])
def test_what_a_label_cannot_hold_gets_a_hash(text: str) -> None:
    assert not label_value_error(label_text(text))
    assert label_text(text) != label_text(text + "x")
