"""What a call says, in whichever of the provider's forms it comes."""

from __future__ import annotations

from dataclasses import dataclass, field

from occasio_core import Json, MalformedError, parse_json, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A call's id, its tool, and its input as JSON text, with what is wrong with that."""

    call: Json
    tool: Json
    input: str = field(repr=False)
    flaw: str = ""

    @property
    def arguments(self) -> Json:
        """The input as a value, None if it has none."""
        try:
            return parse_json(self.input.encode("utf-8", "backslashreplace"), wide_integers=True)
        except MalformedError:
            return None


def function_said(call: Json, tool: Json, arguments: Json) -> Said:
    """Return what the call of a function says, whose input is a string of JSON; an empty one is no input."""
    if not isinstance(arguments, str):
        return Said(call=call, tool=tool, input="", flaw="input is not a text")
    return Said(call=call, tool=tool, input=arguments or "{}")


def custom_said(call: Json, tool: Json, text: Json) -> Said:
    """Return what the call of a custom tool says: its input is any text, which rules find as `input`."""
    flaw = "" if isinstance(text, str) else "input is not a text"
    return Said(call=call, tool=tool, input=written({"input": text}), flaw=flaw)
