"""Secrets that are known by the name in front of them, in assignments of all languages.

A name holds a word for secrets, whatever is joined to it, but for what makes it the name of something about a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from occasio_secrets.pattern import Pattern
from occasio_secrets.values import is_aws_secret, is_chosen, is_generated

# Texts within texts have a backslash before each quote, or more.
_QUOTE = r"\\{0,7}[\"'`]"
# What may stand between a name and its value: `name = `, `"name": `, `name => `, `name: str = `, `[name] = `, `name("`,
# `("name", "`, `<name>`, and `"name", "value": "`, `name="x" value="` and the like, over lines too.
_EQUALS = r"[ ]is[ ]|:=|=>|\?=|\|\|=|=(?!=)|:[ ]?[A-Za-z][\w.\[\]|]{1,24}[ ]?=|:(?!:)|>"
_JOINED = (
    rf"(?:(?:{_QUOTE})?\]?[ \t]{{0,8}}(?:(?:{_EQUALS})[ \t]{{0,8}}|\([ \t]{{0,4}}(?={_QUOTE})|"
    rf"[,;]?(?:\\[nr]|\s){{0,40}}(?:{_QUOTE})?value(?:{_QUOTE})?[ \t]{{0,4}}[:=][ \t]{{0,4}})|"
    rf"{_QUOTE}[ \t]{{0,4}},[ \t]{{0,4}}(?={_QUOTE}))"
)
# Suffixes that make it another thing: `password_hash`, `token_url`, `secretName`.
_OTHER = (
    "algo|alg|arn|attr|class|count|digest|dir|enabled|error|exp|field|file|format|func|hash|header|hint|ids?(?![a-z])|index|"
    "input|label|len|level|limit|manager|max|min|name|num|param|path|pattern|policy|prefix|regex|reset|rotation|rule|salt|scope|"
    "size|source|state|status|store|strength|suffix|type|uri|url|usage|validat|version|view"
)
_OTHER_CAPITALS = _OTHER.replace("(?![a-z])", "(?![A-Z])").upper()
_SUFFIX = rf"(?![-_.]?(?:{_OTHER})|s(?![a-z0-9]))[\w-]{{0,24}}?"
# A bare value is no call, index or attribute: in code those follow a name more often.
_NO_CODE = r"(?![\w(\[{.])"

_KEY = r"[A-Za-z0-9_.~+/%:$!*-]{16,512}+={0,2}"
_CHOSEN = r"[^\s\"'`,;(){}<>\[\]\\&]{7,200}+"
_QUOTED_CHOSEN = r"[^\s\"'`\\<>]{6,128}+"

_PASSWORDS = r"passw(?:or)?d|passphrase|passcode|pwd|pw(?![a-z])|(?<![a-z])pass(?![a-z])|(?-i:(?<=[a-z])Pass(?![a-z]))"
_OWNERS = (
    "account|aes|admin|app|application|auth|client|consumer|deploy|"
    "encryption|hmac|license|master|service|session|shared|signing|webhook"
)
_KEYS = (
    r"api[-_. ]?(?:key|secret)|secret(?![-_. ]?token)|access[-_. ]?key(?![-_]?id)|private[-_. ]?key|"
    rf"(?:{_OWNERS})[-_. ]?key"
)
_TOKENS = r"token|credentials?|authorization|(?<![a-z])jwt(?![a-z])"

_PROVIDERS = (
    "adafruit|airtable|algolia|alibaba|asana|beamer|bitbucket|bittrex|codecov|cohere|coinbase|confluent|contentful|datadog|"
    "discord|droneci|dropbox|etsy|facebook|fastly|finicity|finnhub|flickr|freshbooks|gitter|heroku|hubspot|intercom|kraken|"
    "kucoin|launchdarkly|linkedin|looker|mailgun|mattermost|meraki|messagebird|netlify|newrelic|new_relic|nytimes|okta|plaid|"
    "rapidapi|sendbird|sentry|snyk|sonar|squarespace|sumologic|travis|trello|twitch|zendesk"
)

# RE2 looks for a word and for one more character that may lead to a value: it must not read on, for it would read
# the same text again behind each word.
_HINT = r"[\w\\\"'`\] \t:=>(,?|-]"


def _either(quoted: str, bare: str) -> str:
    return rf"(?:(?P<quote>{_QUOTE})(?P<secret>{quoted})(?P=quote)|(?P<bare>{bare}){_NO_CODE})"


def _assigned(
    label: str, words: str, hints: str, names: str, value: str, quoted: str, is_real: Callable[[str], bool]
) -> Pattern:
    literals = tuple(words.split())
    return Pattern(
        label=label,
        begins=literals,
        hints=(f"(?i:(?:{hints}){_HINT})",),
        regex=re.compile(f"(?:{names}){_SUFFIX}{_JOINED}{_either(quoted, value)}", re.IGNORECASE),
        after=frozenset(),
        any_case=True,
        is_generic=True,
        is_real=is_real,
    )


def _exported(label: str, words: str, quoted: str, value: str, is_real: Callable[[str], bool]) -> Pattern:
    """Return the pattern of variables of the environment, whose names are capitals: people use them for secrets."""
    literals = tuple(words.split())
    return Pattern(
        label=label,
        begins=literals,
        hints=tuple(f"{word}[A-Z0-9_ =:]" for word in literals),
        regex=re.compile(
            rf"(?:{'|'.join(literals)})(?![A-Z0-9_]{{0,30}}_(?:{_OTHER_CAPITALS})|(?:{_OTHER_CAPITALS}))"
            rf"[A-Z0-9_]{{0,30}}(?:[ ]?=[ ]?|:[ ])"
            rf"{_either(quoted, value)}"
        ),
        after=frozenset(),
        is_generic=True,
        is_real=is_real,
    )


ASSIGNMENTS = (
    # 40 characters of base64 have no mark of their own: only the name in front tells.
    Pattern(
        label="aws-secret-key",
        begins=("secret",),
        hints=(r"(?i:secret[-_ ]?(?:access|key))",),
        regex=re.compile(
            rf"secret[-_ ]?(?:access[-_ ]?)?key(?:{_JOINED}|[ ]{{1,4}})(?:{_QUOTE})?"
            rf"(?P<secret>[A-Za-z0-9/+]{{40}})(?![A-Za-z0-9/+=])",
            re.IGNORECASE,
        ),
        after=frozenset(),
        any_case=True,
        is_real=is_aws_secret,
    ),
    # Where both stand side by side, as in the file that the console hands out.
    Pattern(
        label="aws-secret-key",
        begins=("AKIA", "ASIA"),
        hints=("A(?:KI|SI)A[A-Z0-9]{6}",),
        regex=re.compile(
            rf"A[KS]IA[A-Z0-9]{{16}}(?:{_QUOTE})?[\s,:;|]{{1,8}}(?:{_QUOTE})?(?P<secret>[A-Za-z0-9/+]{{40}})(?![A-Za-z0-9/+=])"
        ),
        is_real=is_aws_secret,
    ),
    _assigned("password", "pass pwd pw", "pass|pwd|pw", _PASSWORDS, _CHOSEN, _QUOTED_CHOSEN, is_chosen),
    _assigned(
        "api-key",
        f"api secret access private {_OWNERS.replace('|', ' ')}",
        rf"secret|(?:api|access|private|{_OWNERS})[-_. ]?key|api[-_. ]?secret",
        _KEYS,
        _KEY,
        _KEY,
        is_generated,
    ),
    _assigned(
        "token",
        "token credential authorization jwt",
        "token|credential|authorization|jwt",
        _TOKENS,
        _KEY,
        _KEY,
        is_generated,
    ),
    _exported("password", "PASS PWD", _QUOTED_CHOSEN, _CHOSEN, is_chosen),
    _exported("api-key", "SECRET PRIVATE CREDENTIAL", _QUOTED_CHOSEN, _CHOSEN, is_chosen),
    _exported("token", "TOKEN", _QUOTED_CHOSEN, _CHOSEN, is_chosen),
    _exported("api-key", "_KEY API_ AUTH_", _KEY, _KEY, is_generated),
    # Providers whose keys have no form of their own: their names tell.
    _assigned(
        "api-key",
        _PROVIDERS.replace("|", " "),
        _PROVIDERS,
        f"(?<![a-z])(?:{_PROVIDERS})",
        "[A-Za-z0-9_=-]{20,128}+",
        "[A-Za-z0-9_=-]{20,128}+",
        is_generated,
    ),
)
