"""What the model may see of a tool's result: secrets out, then what the policy's transforms leave, then a clip.

Knows texts, scanners, transforms and the keys of the policy that name them.  It does not know what a secret looks like,
nor what a transform does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from occasio_core.decide import entries_of
from occasio_core.interfaces import SecretScanner, Transform
from occasio_core.model import Policy, ToolPolicy, ToolResult
from occasio_core.redact import DISTILL, REDACT, Shaped, notice, without_secrets
from occasio_core.scanners import scanners_of

BYTES_OF_A_TOKEN = 4
CLIP = "clip"  # what rows call a result cut to `max_output_tokens`


@dataclass(slots=True)
class Shaper:
    """Shapes results by what the plugins bring.  May be asked from several threads at once."""

    scanners: Mapping[str, SecretScanner]
    transforms: Mapping[str, Transform] = field(default_factory=dict)

    def shape(self, result: ToolResult, policy: Policy, tool: str, transform: str | None = None) -> Shaped:
        """Return what the model may see of `result` of the tool with the canonical name `tool`.

        `transform` is what the decision on the call asked for.  A transform that fails withholds the result.
        """
        entries = [*entries_of(policy, result.tool, tool).values()]
        wanted = _wanted(policy, entries, transform)
        shaped = without_secrets(result, policy, self.scanners_of(policy), redacts=REDACT in wanted)
        for name in sorted(wanted - {REDACT}):
            if shaped.notice is not None:
                return shaped
            shaped = self._transformed(name, result, tool, shaped)
        limits = [entry.max_output_tokens for entry in entries if entry.max_output_tokens is not None]
        return _clipped(shaped, min(limits)) if limits and shaped.notice is None else shaped

    def scanners_of(self, policy: Policy) -> Mapping[str, SecretScanner]:
        """Return the scanners that `policy` wants, by name."""
        return scanners_of(policy, self.scanners)

    def _transformed(self, name: str, result: ToolResult, tool: str, shaped: Shaped) -> Shaped:
        try:
            texts: object = self.transforms[name].apply(replace(result, texts=shaped.texts), tool)
        except Exception as error:  # noqa: BLE001 - what could not be shaped must not be shown; the message may quote it
            return _failed(shaped, f"the transform {name} failed with {type(error).__name__}")
        if not _is_one_for_one(texts, shaped.texts):
            return _failed(shaped, f"the transform {name} returned something that is no list of as many texts")
        assert isinstance(texts, Sequence)
        return _changed(shaped, tuple(texts), name)


def _wanted(policy: Policy, entries: Sequence[ToolPolicy], transform: str | None) -> set[str]:
    wanted = {entry.transform for entry in entries if entry.transform} | ({transform} if transform else set())
    return wanted | {DISTILL} if policy.distill_tool_results else wanted


def _is_one_for_one(texts: object, old: Sequence[str]) -> bool:
    return isinstance(texts, list | tuple) and len(texts) == len(old) and all(isinstance(text, str) for text in texts)


def _failed(shaped: Shaped, why: str) -> Shaped:
    return replace(shaped, texts=(), notice=notice(why))


def _clipped(shaped: Shaped, tokens: int) -> Shaped:
    """Return what of the texts fits into `tokens`, whole characters, and a note of how much was left out."""
    left = tokens * BYTES_OF_A_TOKEN
    texts: list[str] = []
    for text in shaped.texts:
        data = text.encode("utf-8", "surrogatepass")
        if len(data) <= left:
            left -= len(data)
            texts.append(text)
            continue
        kept = data[:left].decode("utf-8", "ignore")
        out = len(data) - len(kept.encode("utf-8", "surrogatepass"))
        texts.append(f"{kept}\n[clipped by Occasio: {out:,} bytes left out, the policy allows {tokens:,} tokens]")
        left = 0
    return _changed(shaped, tuple(texts), CLIP)


def _changed(shaped: Shaped, texts: tuple[str, ...], by: str) -> Shaped:
    return shaped if texts == shaped.texts else replace(shaped, texts=texts, by=(*shaped.by, by))
