"""What secrets look like: for each kind the text it begins with, and an expression that is tried only there.

No expression can try the same text twice: each part ends where the next cannot begin, or has an upper limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_ALNUM = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One kind of secret.

    `begins` are the literals at which `regex` is tried; `after` are the characters that must not stand before them.
    The secret is the group `secret` if there is one, else the whole match, and only what `is_real` says is one.
    """

    label: str
    begins: tuple[str, ...]
    regex: re.Pattern[str]
    after: frozenset[str] = _ALNUM
    any_case: bool = False
    is_real: Callable[[str], bool] = lambda _: True


def _named(*names: str) -> str:
    """Return the expression for `name = `, `"name": `, `name => ` and the like, quoted once more or not."""
    return rf"(?:{'|'.join(names)})\\?[\"']?[ \t]{{0,4}}(?::=|=>|[:=])[ \t]{{0,4}}"


# A value in quotes, or a bare one that is no call, index or attribute: in code those follow a name more often.
_QUOTED = r"(?P<quote>\\?[\"'])(?P<secret>{value})(?P=quote)"
_BARE = r"(?P<bare>{value})(?![\w(\[{{.])"


def _assigned(names: str, value: str) -> re.Pattern[str]:
    return re.compile(f"{names}(?:{_QUOTED.format(value=value)}|{_BARE.format(value=value)})", re.IGNORECASE)


_PLACEHOLDER = re.compile(
    r"(?:change-?me|dummy|example|fake|none|null|pass|passwd|password|placeholder|postgres|root|sample|secret|test|user"
    r"|x++|\*++|\.++)[\W\d_]*+|(?:your|my|the)[-_].*|[$<{%].*",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def _is_no_placeholder(value: str) -> bool:
    return not _PLACEHOLDER.fullmatch(value)


def _is_random(value: str) -> bool:
    """Return whether `value` may have been generated: letters and digits, no sample, no `settings.name`."""
    return (
        any(character.isdigit() for character in value)
        and any(character.isalpha() for character in value)
        and _is_no_placeholder(value)
        and not _ATTRIBUTE.fullmatch(value)
    )


PATTERNS = (
    Pattern(
        label="anthropic-key",
        begins=("sk-ant-",),
        # Kind and version (api03, admin01, oat01), then url-safe base64; real ones have over 90 characters.
        regex=re.compile(r"sk-ant-[a-z]{2,12}[0-9]{2}-[A-Za-z0-9_-]{20,}"),
    ),
    Pattern(
        label="openai-key",
        begins=("sk-proj-", "sk-svcacct-", "sk-admin-"),
        # url-safe base64; real ones have over 100 characters.
        regex=re.compile(r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,}"),
    ),
    Pattern(
        label="openai-key",
        begins=("sk-",),
        # The old form, and that of many who copied it: letters and digits alone, so class names such as
        # `sk-fading-circle` are no match; the digit keeps long words out.
        regex=re.compile(r"sk-(?=[A-Za-z]*[0-9])[A-Za-z0-9]{32,}(?![A-Za-z0-9_-])"),
    ),
    Pattern(
        label="github-pat",
        begins=("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        # 30 random characters and a checksum of 6, in base 62.
        regex=re.compile(r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    ),
    Pattern(
        label="github-pat",
        begins=("github_pat_",),
        # Fine-grained: 22 characters, `_`, 59 characters.
        regex=re.compile(r"github_pat_[A-Za-z0-9_]{60,255}"),
    ),
    Pattern(
        label="aws-access-key",
        begins=("AKIA", "ASIA"),
        # Exactly 16 more; a longer run is base64 of something else.
        regex=re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ),
    Pattern(
        label="aws-secret-key",
        begins=("secret",),
        # 40 characters of base64 have no mark of their own: only the name in front tells.
        regex=re.compile(
            _named("secret_?access_?key") + r"[\"']?(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", re.IGNORECASE
        ),
        after=frozenset(),
        any_case=True,
    ),
    Pattern(
        label="google-api-key",
        begins=("AIza",),
        # Exactly 35 more.
        regex=re.compile(r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ),
    Pattern(
        label="slack-token",
        begins=("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"),
        # Numbers and letters in groups; the digit at the beginning keeps `xoxb-your-token-here` out.
        regex=re.compile(r"xox[abeoprs]-[0-9][A-Za-z0-9-]{9,}"),
    ),
    Pattern(
        label="stripe-key",
        begins=("sk_live_", "rk_live_"),
        # Test keys open nothing.
        regex=re.compile(r"[sr]k_live_[A-Za-z0-9]{16,}"),
    ),
    Pattern(
        label="npm-token",
        begins=("npm_",),
        # Exactly 36 more; variables such as `npm_config_cache` have `_` long before.
        regex=re.compile(r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9_])"),
    ),
    Pattern(
        label="gitlab-pat",
        begins=("glpat-",),
        # 20 random characters, longer for routable ones.
        regex=re.compile(r"glpat-[A-Za-z0-9_-]{20,}"),
    ),
    Pattern(
        label="jwt",
        begins=("eyJ",),
        # Two objects in base64url (`eyJ` is `{"`) and a signature.  No character of base64url may stand in front: a
        # long run of them is then looked at once, however many `eyJ` are in it.
        regex=re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}"),
        after=_ALNUM | frozenset("-_"),
    ),
    Pattern(
        label="db-url",
        begins=("postgres", "mysql", "mariadb", "mongodb", "mssql", "redis", "amqp"),
        # Only the password is the secret; host and database stay readable.  It ends at the last `@` before the host.
        regex=re.compile(
            r"(?:postgres(?:ql)?|mysql|mariadb|mongodb|mssql|rediss?|amqps?)(?:\+[a-z0-9_]{1,20})?://"
            r"[^\s:/@\"'<>]{0,64}:(?P<secret>[^\s\"'<>/]{3,128})@"
        ),
        is_real=_is_no_placeholder,
    ),
    Pattern(
        label="api-key",
        begins=("api", "secret", "access", "client"),
        # What programs call keys that were handed out; 16 characters keep names and numbers of versions out.
        regex=_assigned(
            _named("api[-_ ]?key", "secret[-_ ]?key", "(?<!secret_)(?<!secret)access[-_ ]?key", "client[-_ ]?secret"),
            r"[A-Za-z0-9_.~+/-]{16,}+={0,2}",
        ),
        after=frozenset(),
        any_case=True,
        is_real=_is_random,
    ),
    Pattern(
        label="token",
        begins=("access", "bearer", "auth", "refresh"),
        # A named token, or the header in which one travels.
        regex=_assigned(
            rf"(?:{_named('(?:access|bearer|auth|refresh)[-_ ]?token')}|bearer[ ]{{1,4}})",
            r"[A-Za-z0-9_.~+/-]{16,}+={0,2}",
        ),
        after=frozenset(),
        any_case=True,
        is_real=_is_random,
    ),
    Pattern(
        label="password",
        begins=("passw",),
        # A value with a digit and no space: `"password": "Passwort"` is a translation, "Enter it" is a prompt.
        regex=_assigned(_named("passw(?:or)?d"), r"[^\s\"'`,;(){}<>\[\]\\]{8,128}+"),
        after=frozenset(),
        any_case=True,
        is_real=_is_random,
    ),
)
