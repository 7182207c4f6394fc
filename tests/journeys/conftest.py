"""One fresh installation for each journey."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.product import Product, product


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Product]:
    with product(tmp_path) as one:
        yield one
