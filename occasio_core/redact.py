"""Keeping secrets from the model: finding them with every scanner, taking them out, or holding the result back.

Knows texts, scanners and two switches of the policy.  It does not know what a secret looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from occasio_core.interfaces import SecretScanner
from occasio_core.model import Policy, Secret, ToolResult

REDACT = "redact-secrets"
DISTILL = "distill-output"
UNSCANNED = "unscanned"

Spans = tuple[Secret, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What the model gets of a result: its texts, or `notice` in the place of the whole result.

    `labels` are the kinds of secrets that were found, sorted, each once; `count` is how many were kept from the model;
    `by` names what changed the texts, in that order.
    """

    texts: tuple[str, ...] = field(repr=False)
    notice: str | None = None
    labels: tuple[str, ...] = ()
    count: int = 0
    by: tuple[str, ...] = ()

    def size_of(self, result: ToolResult) -> int:
        """Return how many bytes of `result` the model gets, about: those of its form, less what was taken out."""
        return max(0, result.size + sum(map(_bytes, self.texts)) - sum(map(_bytes, result.texts)))


def without_secrets(
    result: ToolResult, policy: Policy, scanners: Mapping[str, SecretScanner], *, redacts: bool = False
) -> Shaped:
    """Return what the model may see of `result`, as far as secrets go.

    `redact_secrets_in_tool_results`, or `redacts` for this call, takes secrets out; otherwise
    `block_secrets_in_tool_results` holds the whole result back.  Redacting wins where both are set: either keeps the
    secret from the model, and whoever switched redacting on wants the rest of the text.  With neither the labels are
    still told.  A text that could not be scanned is never shown.
    """
    scans = scan_texts(result.texts, scanners)
    if any(spans is None for spans in scans):
        return Shaped(texts=(), notice=notice("it could not be scanned for secrets"), labels=(UNSCANNED,))
    found = [spans for spans in scans if spans is not None]
    labels = tuple(sorted({span.label for spans in found for span in spans}))
    count = sum(map(len, found)) - _continued(result.texts, found)
    if policy.redact_secrets_in_tool_results or redacts:
        by = (REDACT,) if count else ()
        return Shaped(texts=tuple(map(redact, result.texts, found)), labels=labels, count=count, by=by)
    if policy.block_secrets_in_tool_results and count:
        return Shaped(texts=(), notice=notice(f"it holds secrets ({', '.join(labels)})"), labels=labels, count=count)
    return Shaped(texts=result.texts, labels=labels)


def raw_of(
    result: ToolResult, shaped: Shaped, policy: Policy, scanners: Mapping[str, SecretScanner]
) -> tuple[str, ...]:
    """Return the texts of a result that was shortened, without secrets, if the policy wants them kept; else nothing."""
    if not policy.keep_shortened_results or shaped.notice is not None or not {*shaped.by} - {REDACT}:
        return ()
    return without_secrets(result, policy, scanners, redacts=True).texts


def told_without_secrets(texts: Sequence[str], policy: Policy, scanners: Mapping[str, SecretScanner]) -> Shaped:
    """Return what the model may be told of texts that are no result: prompts, instructions, documents, tools.

    Where a result with a secret would not go as it is, the secret is taken out of these: they come with every request,
    and an agent could not go on without them.  `notice` says why, if they cannot be told at all.
    """
    scans = scan_texts(texts, scanners)
    if any(spans is None for spans in scans):
        return Shaped(texts=(), notice="it could not be scanned for secrets", labels=(UNSCANNED,))
    found = [spans for spans in scans if spans is not None]
    labels = tuple(sorted({span.label for spans in found for span in spans}))
    if not labels or not (policy.block_secrets_in_tool_results or policy.redact_secrets_in_tool_results):
        return Shaped(texts=tuple(texts), labels=labels)
    count = sum(map(len, found)) - _continued(texts, found)
    return Shaped(texts=tuple(map(redact, texts, found)), labels=labels, count=count)


@dataclass(frozen=True, slots=True)
class PromptRefusal:
    """Why a prompt goes nowhere, empty if it may go; and the kinds of secrets that were found in it."""

    text: str
    labels: tuple[str, ...]


def secrets_in_prompt(text: str, policy: Policy, scanners: Mapping[str, SecretScanner]) -> PromptRefusal:
    """Return whether the policy lets a person's words go to the model: not where a result with their secrets could not.

    Nobody can take anything out of a prompt on its way, so what would be redacted in a result is refused here.
    """
    spans = _scanned(text, scanners)
    if spans is None:
        return PromptRefusal("Occasio did not send the prompt: it could not be scanned for secrets", (UNSCANNED,))
    labels = tuple(sorted({span.label for span in spans}))
    if not labels or not (policy.block_secrets_in_tool_results or policy.redact_secrets_in_tool_results):
        return PromptRefusal("", labels)
    told = f"it holds secrets ({', '.join(labels)}); take them out, or name a file or a variable that holds them"
    return PromptRefusal(f"Occasio did not send the prompt: {told}", labels)


def scan_texts(texts: Sequence[str], scanners: Mapping[str, SecretScanner]) -> tuple[Spans | None, ...]:
    """Return for each text where its secrets are, in order and apart; None for one that could not be scanned.

    A model reads the texts of a result as one: a secret that is split over several is found too, a piece in each.
    """
    scans = [_scanned(text, scanners) for text in texts]
    if len(texts) < 2 or None in scans:
        return tuple(scans)
    across = _across(texts, scanners)
    if across is None:
        return (None,) * len(texts)
    return tuple(merged([*(spans or ()), *pieces]) for spans, pieces in zip(scans, across, strict=True))


def redact(text: str, spans: Iterable[Secret]) -> str:
    """Return `text` with each span replaced by `[REDACTED:label]`."""
    pieces, end = [], 0
    for span in merged(spans):
        pieces += [text[end : span.start], f"[REDACTED:{span.label}]"]
        end = span.end
    return "".join([*pieces, text[end:]])


def masked(text: str, scanners: Mapping[str, SecretScanner]) -> str:
    """Return `text` as a row may hold it: without secrets, or a mark in its place when it could not be scanned."""
    spans = _scanned(text, scanners)
    return f"[REDACTED:{UNSCANNED}]" if spans is None else redact(text, spans)


def merged(spans: Iterable[Secret]) -> Spans:
    """Return `spans` in order, those that overlap joined under the label of the one that begins first."""
    joined: list[Secret] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.label)):
        if joined and span.start < joined[-1].end:
            first = joined.pop()
            span = Secret(label=first.label, start=first.start, end=max(first.end, span.end))
        joined.append(span)
    return tuple(joined)


def _scanned(text: str, scanners: Mapping[str, SecretScanner]) -> Spans | None:
    try:
        found = [secret for scanner in scanners.values() for secret in scanner.scan(text)]
    except Exception:  # noqa: BLE001 - what could not be scanned must not be shown
        return None
    whole = all(isinstance(secret, Secret) and 0 <= secret.start < secret.end <= len(text) for secret in found)
    return merged(found) if whole else None


def _across(texts: Sequence[str], scanners: Mapping[str, SecretScanner]) -> list[list[Secret]] | None:
    """Return for each text the pieces of secrets that are in more than one; None if they could not be looked for."""
    spans = _scanned("".join(texts), scanners)
    if spans is None:
        return None
    pieces: list[list[Secret]] = []
    begin = 0
    for text in texts:
        end = begin + len(text)
        over = [span for span in spans if begin < end and span.start < end and begin < span.end]
        split = [span for span in over if span.start < begin or end < span.end]
        pieces.append(
            [
                Secret(label=span.label, start=max(span.start, begin) - begin, end=min(span.end, end) - begin)
                for span in split
            ]
        )
        begin = end
    return pieces


def _continued(texts: Sequence[str], found: Sequence[Spans]) -> int:
    """Return how many spans only go on with a secret of the text before: it counts once."""
    filled = [(len(text), spans) for text, spans in zip(texts, found, strict=True) if text]
    return sum(
        bool(before and spans) and before[-1].end == length and spans[0].start == 0
        for (length, before), (_, spans) in pairwise(filled)
    )


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def notice(why: str) -> str:
    """Return what stands in the place of a result that is held back."""
    return f"[withheld by Occasio: {why}]"
