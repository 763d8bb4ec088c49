"""Nobody but those who speak HTTP is asked, and whatever goes wrong is one line."""

import pytest

from occasio_core.asking import post
from occasio_core.errors import OccasioError, UsageError


@pytest.mark.parametrize("url", ["", "x", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "//127.0.0.1/"])
def test_what_is_no_address_is_wrong_use(url: str) -> None:
    with pytest.raises(UsageError, match="not an address"):
        post(url, b"", "text/plain")


def test_nobody_there_is_told() -> None:
    with pytest.raises(OccasioError, match="cannot be asked") as refused:
        post("http://127.0.0.1:1/", b"", "text/plain")
    assert "\n" not in str(refused.value)
