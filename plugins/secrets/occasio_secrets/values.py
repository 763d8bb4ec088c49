"""Whether a value may be a secret: was it made by a generator, chosen by a person, or put there to be replaced?

Knows values alone, not what stands around them.
"""

from __future__ import annotations

import base64
import re

_FEWEST = 5  # different characters
_SAME = re.compile(r"(.)\1{7}")  # eight alike in a row: no generator in a million does that
# Words of whoever wants something put in their place.  A provider's generator makes none of them.
_TO_REPLACE = re.compile(
    r"(?:^|[-_.])(?:your|my|insert|replace|example|placeholder|here|dummy|fake|redacted|changeme|todo|goes)(?:[-_.]|$)"
    r"|x{6}|\*{4}|\.{3}",
    re.IGNORECASE,
)
_WORD = (
    "abc|admin|api|bar|change[-_]?(?:me|it|this)|default|demo|dummy|example|fake|foo|foobar|guest|hidden|here|insert|invalid|key|"
    "masked|my|new|nil|none|null|old|pass|passphrase|passw0rd|passwd|password|placeholder|postgres|private|qwerty|redacted|"
    "replace|root|sample|secret|some|string|test|testing|todo|token|undefined|unset|user|username|value|wrong|xyz|your"
)
# One of these, or several with a sign between them; digits and signs behind.
_SAMPLE = re.compile(rf"(?:{_WORD}|x+|\*+|\.+)(?:[-_. ](?:{_WORD}))*[\W\d_]*", re.IGNORECASE)
_STAND_IN = re.compile(
    r"[$<{%@&].*|(?:your|my|the|some|insert|replace|enter|change)[-_ ].*|"
    r".*(?:your[-_]|[-_]here\b|example\.|\.\.\.|changeme|placeholder|xxxx|\$\{|\{\{|<[a-z_-]+>|%\(|%s).*",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+")
_PATH = re.compile(
    r"(?:~|\.{1,2})?/[\w.@/-]*|(?:[a-z_][\w.-]*/)+[\w.-]*|[a-z]+://.*|[\w./-]+\.(?:[a-z]{2,4}|json|html)"
)
# Words joined by capitals, as names of types are; generators seldom make two small letters after each capital.
_CAMEL = re.compile(r"(?=[^A-Z]*[A-Z])(?:[A-Z]{2,}+[0-9]{0,4}+|[A-Z]?+[a-z]{2,}+[0-9]{0,4}+|_++)++")
_DATE = re.compile(r"0x[0-9a-fA-F]+|/\^.*|\d{4}-\d\d-\d\d.*|v?\d+(?:\.\d+)+[\w.+-]*")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_LEAST_TURNS = 0.22  # of neighbours; words joined in any way have about half of it, base 62 three times as many


def is_varied(value: str) -> bool:
    """Return whether a key of a provider's form may be one: no row of x, nothing that says it must be replaced."""
    return len(set(value)) >= _FEWEST and not _SAME.search(value) and not _TO_REPLACE.search(value)


def is_no_sample(value: str) -> bool:
    """Return whether `value` is none that stands for another: no usual sample, no variable, nothing to be replaced."""
    return not _SAMPLE.fullmatch(value) and not _STAND_IN.fullmatch(value)


def is_chosen(value: str) -> bool:
    """Return whether `value` may be a password: letters and digits, or letters with signs, and no usual sample."""
    letters = any(map(str.isalpha, value))
    digits = any(map(str.isdigit, value))
    signs = any(character in "!@#$%^&*?+=" for character in value)
    mixed = letters and (digits or (signs and value.lower() != value))
    return mixed and is_no_sample(value) and not _is_named(value)


def is_generated(value: str) -> bool:
    """Return whether `value` may have been made by a generator: letters and digits that change places often."""
    if not is_chosen(value) or not is_varied(value) or _CAMEL.fullmatch(value):
        return False
    return bool(_UUID.fullmatch(value)) or turns(value) >= _LEAST_TURNS


def is_aws_secret(value: str) -> bool:
    """Return whether 40 characters of base64 may be a secret key: all three kinds of characters, and no path."""
    return turns(value) >= _LEAST_TURNS and any(map(str.isdigit, value)) and value.lower() != value


def holds_login(value: str) -> bool:
    """Return whether `value` is base64 of `user:password`."""
    try:
        user, colon, password = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode().partition(":")
    except ValueError:
        return False
    return bool(colon) and (user + password).isprintable() and len(password) > 2 and is_no_sample(password)


def turns(value: str) -> float:
    """Return how many neighbours of all are of two kinds (small, capital, digit); signs between them do not count."""
    kinds = ["0" if one.isdigit() else "A" if one.isupper() else "a" for one in _SEPARATORS.sub("", value)]
    pairs = len(kinds) - 1
    return sum(map(str.__ne__, kinds, kinds[1:])) / pairs if pairs > 0 else 0.0


def is_hex(value: str) -> bool:
    """Return whether `value` is hexadecimal, as digests are."""
    return bool(_HEX.fullmatch(value))


def _is_named(value: str) -> bool:
    return bool(_ATTRIBUTE.fullmatch(value) or _PATH.fullmatch(value) or _DATE.fullmatch(value))
