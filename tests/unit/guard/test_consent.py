"""Acknowledgements: what they hold, when they hold, and when they are of no use any more."""

from armada_render.errors import Problem, SourceLocation
from armada_render.guard import acknowledgement_text, consent, contradictions, stale
from armada_render.guard.consent import Consent
from armada_render.load import MemorySource, load
from armada_render.model.acknowledgement import Acknowledgement, parsed_key, removals_digest
from armada_render.model.config import Retirement
from armada_render.model.fleet import Fleet
from tests.support.objects import deployment
from tests.support.snapshots import removal, snapshot

GONE = [
    removal(cluster, "web", kind, name, namespace)
    for cluster in ("one", "two")
    for kind, name, namespace in (("Deployment", "web", "shop"), ("Namespace", "shop", ""))
]


def written(text: str) -> Fleet:
    """Return what is read when a file with `text` is committed."""
    return load(MemorySource({".armada/acknowledged/x.yaml": text})).fleet


def found(fleet: Fleet) -> Acknowledgement:
    assert fleet.problems == ()
    (one,) = fleet.acknowledgements
    return one


def messages(problems: tuple[Problem, ...]) -> list[str]:
    return [str(problem).partition("\n")[0] for problem in problems]


def test_what_is_written_is_read_back() -> None:
    name, text = acknowledgement_text(GONE, "why: 'because'", "Jane <jane@example.com>")
    one = found(written(text))
    assert one.removals == set(GONE)
    assert one.digest == removals_digest(GONE)
    assert name == f"{one.digest[7:19]}.yaml"
    assert (one.reason, one.by) == ("why: 'because'", "Jane <jane@example.com>")
    assert one.location == SourceLocation(".armada/acknowledged/x.yaml", 1)


def test_clusters_that_lose_the_same_stand_together() -> None:
    _, text = acknowledgement_text([*GONE, removal("three", "web", "Service", "a", "b")], "why", "")
    assert text.endswith(
        "removed:\n"
        "- app: web\n  clusters:\n  - one\n  - two\n  objects:\n"
        "  - Namespace shop\n  - apps/Deployment shop/web\n"
        "- app: web\n  clusters:\n  - three\n  objects:\n  - Service b/a\n"
    )


def test_the_digest_knows_no_order() -> None:
    assert acknowledgement_text(GONE, "w", "")[0] == acknowledgement_text(GONE[::-1], "w", "")[0]


def test_a_spent_removal_is_acknowledged_in_another_round() -> None:
    first = removals_digest(GONE)
    name, text = acknowledgement_text(GONE, "again", "", [first])
    again = found(written(text))
    assert again.digest != first
    assert "round: 2\n" in text
    assert acknowledgement_text(GONE, "again", "", [first, again.digest])[0] != name


def test_a_list_that_was_changed_is_no_consent() -> None:
    _, text = acknowledgement_text(GONE, "why", "")
    for changed in (
        text.replace("- two\n", "- two\n  - three\n"),
        text.replace("app: web", "app: shop"),
        text.replace("reason: why\n", "reason: why\nround: 2\n"),
    ):
        fleet = written(changed)
        assert fleet.acknowledgements == ()
        (message,) = messages(fleet.problems)
        assert message.endswith(
            "digest: the list of what is removed is not the one that was acknowledged"
        )
    # What is said about it may be corrected.
    assert found(written(text.replace("reason: why", "reason: better"))).reason == "better"


def test_a_broken_file_is_an_error() -> None:
    _, text = acknowledgement_text(GONE, "why", "")
    for old, new, message in (
        ("reason: why\n", "", "reason: this field is required"),
        ("digest:", "digset:", "digest: this field is required"),
        ("- Namespace shop", "- shop", "removed[0].objects: objects are written as"),
    ):
        fleet = written(text.replace(old, new))
        assert fleet.acknowledgements == ()
        assert any(message in line for line in messages(fleet.problems)), fleet.problems


def test_keys_are_written_and_read() -> None:
    for text in ("apps/Deployment shop/web", "Namespace shop", "a.b/Kind x/y:z"):
        assert str(parsed_key(text)) == text
    for text in ("", "Namespace", "Namespace ", " shop", "apps/ shop", "Kind shop/"):
        assert parsed_key(text) is None


def test_an_acknowledgement_covers_what_it_lists_until_it_is_spent() -> None:
    one = found(written(acknowledgement_text(GONE, "why", "")[1]))
    given = Consent(acknowledgements=[one])
    assert all(given.covers(item) for item in GONE)
    assert not given.covers(removal("three", "web", "Deployment", "web", "shop"))
    assert not given.covers(removal("one", "shop", "Deployment", "web", "shop"))
    spent = consent(Fleet(acknowledgements=(one,)), [], [one.digest])
    assert not any(spent.covers(item) for item in GONE)


def test_what_is_spent_or_speaks_of_what_is_there_is_stale() -> None:
    one = found(written(acknowledgement_text(GONE, "why", "")[1]))
    given = Consent(acknowledgements=[one])
    web = {"web": [deployment("web", namespace="shop")]}
    assert list(stale(given, snapshot(three=web))) == []
    (back,) = stale(given, snapshot(one=web))
    assert back.message == "acknowledges that Deployment shop/web leaves one, but it is there"
    assert back.location == one.location
    (spent,) = stale(consent(Fleet(acknowledgements=(one,)), [], [one.digest]), snapshot())
    assert spent.message == "acknowledges a removal that has been made"


def test_nothing_may_be_placed_where_it_is_retired() -> None:
    web = {"web": [deployment("web")]}
    after = snapshot(one=web, two=web)
    for retired, message in (
        (Retirement(app="web"), "web is retired, but 2 objects go to one, two"),
        (Retirement(cluster="two"), "everything is retired from two, but 1 object goes to two"),
        (Retirement(cluster="two", app="web"), "web is retired from two, but 1 object goes to two"),
    ):
        (problem,) = contradictions([Retirement(app="other"), retired], after)
        assert (problem.field, problem.message) == ("retire[1]", message)
    assert list(contradictions([Retirement(cluster="three", app="web")], after)) == []
