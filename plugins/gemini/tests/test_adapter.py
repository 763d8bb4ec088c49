"""What the adapter says of itself."""

from __future__ import annotations

import json

from occasio_core import Adapter
from occasio_gemini import GeminiAdapter, occasio_register_adapters


def test_there_is_one() -> None:
    (adapter,) = occasio_register_adapters({})
    assert isinstance(adapter, Adapter)
    assert (adapter.protocol, adapter.base_url_variable) == ("gemini", "GOOGLE_GEMINI_BASE_URL")
    assert adapter.refusal_status == 400


def test_an_error_is_told_in_the_providers_form() -> None:
    said = json.loads(GeminiAdapter().error(400, "no: é"))
    assert said == {"error": {"code": 400, "message": "no: é", "status": "INVALID_ARGUMENT"}}
