"""Applications are listed page by page, and kept up to date whatever happens to the watch."""

from collections.abc import Iterator

import pytest

from armada_render.controller import watch
from armada_render.controller.kube import KubeError
from armada_render.controller.watch import ApplicationWatch, backoff
from tests.support.kubedouble import KubeDouble, application
from tests.support.waiting import until


class Watched:
    def __init__(self, double: KubeDouble, resync: float = 3600.0) -> None:
        self.events: list[str] = []
        self.changes = 0
        self.watch = ApplicationWatch(
            double.client(timeout=2),
            "argocd",
            self._changed,
            on_event=self.events.append,
            resync=resync,
        )

    def _changed(self) -> None:
        self.changes += 1

    @property
    def names(self) -> list[str]:
        return sorted(one.name for one in self.watch.snapshot().applications.values())

    def health(self, name: str) -> str:
        found = self.watch.snapshot().applications.get(f"argocd/{name}")
        return found.health if found else ""


@pytest.fixture
def watched(double: KubeDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(watch, "_PAGE", 2)
    monkeypatch.setattr(watch, "backoff", lambda _: 0.05)
    for number in range(5):
        double.put(application(f"app-{number}"))
    running = Watched(double)
    yield running
    running.watch.stop()


def test_a_list_of_several_pages_then_events(double: KubeDouble, watched: Watched) -> None:
    assert watched.watch.snapshot().heard_at is None
    watched.watch.start()
    until(lambda: len(watched.names) == 5)
    lists = [path for _, path in double.requests if "watch" not in path]
    assert len(lists) == 3

    double.put(application("app-9"))
    double.put(application("app-0", health={"status": "Degraded"}))
    double.delete("app-4")
    until(lambda: watched.names == ["app-0", "app-1", "app-2", "app-3", "app-9"])
    until(lambda: watched.health("app-0") == "Degraded")
    assert watched.changes >= 4
    assert watched.watch.snapshot().error == ""


def test_a_watch_that_ends_goes_on_from_where_it_was(double: KubeDouble, watched: Watched) -> None:
    watched.watch.start()
    until(lambda: len(watched.names) == 5)
    double.bookmark()
    until(lambda: "bookmark" in watched.events)
    newest = max(int(one["metadata"]["resourceVersion"]) for one in double.applications.values())
    double.end_watches()
    until(lambda: sum("watch=true" in path for _, path in double.requests) > 1)
    double.put(application("app-7"))
    until(lambda: "app-7" in watched.names)
    assert watched.events.count("list") == 1
    again = [path for _, path in double.requests if "watch=true" in path][1]
    assert f"resourceVersion={newest + 1}" in again


def test_a_version_that_is_too_old_means_a_new_list(double: KubeDouble, watched: Watched) -> None:
    watched.watch.start()
    until(lambda: len(watched.names) == 5)
    with double.changed:
        double.end_watches()
        del double.applications["app-1"]  # unseen: its event is lost
        double.next_version()
        double.forget()
    until(lambda: watched.names == ["app-0", "app-2", "app-3", "app-4"])
    assert watched.events.count("list") == 2
    assert "expired" in watched.events


def test_an_error_within_the_watch(double: KubeDouble, watched: Watched) -> None:
    watched.watch.start()
    until(lambda: len(watched.names) == 5)
    double.error(500)
    until(lambda: "error" in watched.events)
    double.put(application("app-7"))
    until(lambda: "app-7" in watched.names)


def test_while_the_server_is_away_what_was_known_stays(
    double: KubeDouble, watched: Watched
) -> None:
    watched.watch.start()
    until(lambda: len(watched.names) == 5)
    heard = watched.watch.snapshot().heard_at
    double.faults.append(lambda request: request.refuse(503, "starting"))

    def is_away() -> bool:
        # A watch that was asked for just before may begin after the others have ended.
        double.end_watches()
        return watched.watch.snapshot().error == "503 starting"

    until(is_away)
    assert len(watched.names) == 5
    assert heard is not None
    double.faults.clear()
    double.put(application("app-7"))
    until(lambda: "app-7" in watched.names)
    assert watched.watch.snapshot().error == ""
    assert watched.events.count("list") == 1


def test_nonsense_is_no_list(double: KubeDouble, watched: Watched) -> None:
    double.faults.append(lambda request: request.answer(200, b"<html>"))
    watched.watch.start()
    until(lambda: watched.watch.snapshot().error == "an answer that is no Application")
    assert watched.watch.snapshot().heard_at is None


def test_a_resync_lists_again(double: KubeDouble) -> None:
    double.put(application())
    running = Watched(double, resync=0.0)
    running.watch.start()
    until(lambda: running.events.count("list") > 2)
    running.watch.stop()


def test_one_list_without_a_thread(double: KubeDouble) -> None:
    double.put(application())
    found = Watched(double).watch.list_once()
    assert list(found.applications) == ["argocd/redis-one"]
    double.faults.append(lambda request: request.refuse(403, "no rights"))
    with pytest.raises(KubeError, match="403 no rights"):
        Watched(double).watch.list_once()


def test_waiting_doubles_up_to_a_limit() -> None:
    waits = [backoff(failures) for failures in (1, 2, 3, 50)]
    assert 0.25 <= waits[0] <= 0.5
    assert 0.5 <= waits[1] <= 1.0
    assert 1.0 <= waits[2] <= 2.0
    assert 15.0 <= waits[3] <= 30.0
