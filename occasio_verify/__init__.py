"""Verify Occasio's evidence offline, with nothing but the standard library."""

from occasio_verify.canonical import Json, canonical
from occasio_verify.errors import MalformedError, VerifyError
from occasio_verify.fields import GENESIS, LOG_KINDS, ROW_SCHEMA, git_digest
from occasio_verify.parse import parse_json
from occasio_verify.predicate import PREDICATE_TYPE, predicate
from occasio_verify.rows import MAX_ROW_BYTES, Row, parse_row, row_hash

__all__ = [
    "GENESIS",
    "LOG_KINDS",
    "MAX_ROW_BYTES",
    "PREDICATE_TYPE",
    "ROW_SCHEMA",
    "Json",
    "MalformedError",
    "Row",
    "VerifyError",
    "canonical",
    "git_digest",
    "parse_json",
    "parse_row",
    "predicate",
    "row_hash",
]
