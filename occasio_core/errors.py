"""Every way Occasio can fail, each with one line that says what, where and what to do.

* OccasioError
  x UsageError            the person asked for something that does not exist (exit 2)
  x PolicyError           policy.yml cannot be used; `place` says file:line:column
  x PluginError           a plugin cannot be loaded; start-up stops
  x LedgerError           the log cannot be written; nothing is released
  x RequestRefusedError   the policy's limits or the budget do not let a request go to the model
  x SealError             the run cannot be attested as it stands
  x ProtocolError         a peer broke its protocol
    x AgentProtocolError     the agent did
    x UpstreamProtocolError  the model's provider did
"""

from __future__ import annotations


class OccasioError(Exception):
    """The base of all errors; `hint` is what to do next, on a line of its own."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(OccasioError):
    """Raised when the person asked for something that does not exist."""


class PolicyError(OccasioError):
    """Raised when policy.yml cannot be used; the message begins with file:line:column.

    `sha256` is over the bytes that were refused; empty where they could not be read.
    """

    sha256: str = ""


class PluginError(OccasioError):
    """Raised when a plugin cannot be loaded."""


class LedgerError(OccasioError):
    """Raised when a row cannot be made durable.  Nothing that depends on the row may happen."""


class RequestRefusedError(OccasioError):
    """Raised when a request to the model's provider must not be sent; the run goes on."""


class SealError(OccasioError):
    """Raised when a run cannot be attested."""


class ProtocolError(OccasioError):
    """Raised when a peer broke its protocol."""


class AgentProtocolError(ProtocolError):
    """Raised when the agent sent what its protocol does not allow."""


class UpstreamProtocolError(ProtocolError):
    """Raised when the model's provider sent what its protocol does not allow."""
