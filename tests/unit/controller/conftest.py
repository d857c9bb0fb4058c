"""Fixtures of the controller's tests."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.kubedouble import KubeDouble
from tests.support.waiting import until


@pytest.fixture
def double() -> Iterator[KubeDouble]:
    with KubeDouble() as running:
        yield running


@pytest.fixture
def wait() -> Callable[[Callable[[], object]], None]:
    return until
