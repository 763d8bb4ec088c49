"""Verify Occasio's evidence offline, with nothing but the standard library."""

from occasio_verify.canonical import Json, canonical
from occasio_verify.errors import MalformedError, VerifyError
from occasio_verify.parse import parse_json

__all__ = ["Json", "MalformedError", "VerifyError", "canonical", "parse_json"]
