"""What becomes of what a request tells the model besides results: prompts, instructions, tools, whole files.

Knows texts and what is found in them.  It does not know where they stand in a request.
"""

from __future__ import annotations

from collections.abc import Mapping

from occasio_core.commands import Command, RefuseRequest, Retell, Round, Told
from occasio_core.model import Policy
from occasio_core.results import Results
from occasio_verify import Json

DETECTOR = "occasio.uploads"


class NotSent(Exception):  # noqa: N818 - no error: the policy says so
    """Raised for what may go as a whole or not at all, and may not go; `finding` are the members of the row."""

    def __init__(self, message: str, labels: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.finding: Mapping[str, Json] = {
            "detector": DETECTOR,
            "message": message,
            "rows": [],
            "severity": "medium",
            "tags": ["not-sent", *labels],
        }


def retold(event: Told, results: Results, policy: Policy, here: Round) -> list[Command]:
    """Return what takes secrets out of what is told; what was found first is noted in the round, for the request's row.

    Raises `NotSent`.
    """
    if event.problem:
        raise NotSent(event.problem)
    commands: list[Command] = []
    labels = set(here.secret_labels)
    for number, texts in enumerate(event.groups):
        shaped, is_new = results.told(texts, policy)
        if shaped.notice is not None:
            return [RefuseRequest(f"what it tells the model cannot go: {shaped.notice}")]
        if shaped.texts != texts and event.is_whole:
            raise NotSent(f"what is sent as a whole holds secrets ({', '.join(shaped.labels)})", shaped.labels)
        if is_new:
            labels.update(shaped.labels)
            here.secrets_redacted += shaped.count
        if shaped.texts != texts:
            commands.append(Retell(number, shaped.texts))
    here.secret_labels = tuple(sorted(labels))
    return commands
