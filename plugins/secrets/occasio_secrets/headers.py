"""Secrets that travel: in URLs, headers, connection strings, options of commands and files of credentials."""

from __future__ import annotations

import re

from occasio_secrets.pattern import ALNUM, Pattern
from occasio_secrets.values import holds_login, is_chosen, is_generated, is_no_sample, is_varied

_NOTHING = frozenset[str]()
_DATABASES = "postgres postgresql mysql mariadb mongodb mssql redis rediss amqp amqps sqlserver clickhouse cockroachdb"
_SCHEMES = "https?|s?ftps?|ssh|git|ldaps?|smtps?|imaps?|wss?|socks5h?|kafka|nats|mqtts?|svn"
_VALUE = r"(?P<quote>\\{0,7}[\"'])?(?P<secret>[^\s\"'`\\<>|;]{6,200}+)"
_OPTIONS = r"[\w-]{0,24}?(?:passw(?:or)?d|passphrase|pwd|token|secret|api-?key|(?<=-)pass)"

HEADERS = (
    # Only the password is the secret; host and database stay readable.  It ends at the last `@` before the host.
    Pattern(
        label="db-url",
        begins=tuple(_DATABASES.split()),
        hints=(
            r"(?:postgres|mysql|mariadb|mongodb|mssql|redis|amqp|sqlserver|clickhouse|cockroachdb)[a-z0-9+_]{0,20}:\\?/",
        ),
        regex=re.compile(
            rf"(?:jdbc:)?(?:{_DATABASES.replace(' ', '|')})(?:\+[a-z0-9_]{{1,20}})?:\\?/\\?/"
            r"[^\s:/@\"'<>]{0,64}:(?P<secret>[^\s\"'<>/\\]{3,128})@"
        ),
        is_real=is_no_sample,
    ),
    Pattern(
        label="url-password",
        begins=(
            "http",
            "ftp",
            "ssh",
            "git",
            "ldap",
            "smtp",
            "imap",
            "ws",
            "sftp",
            "socks",
            "kafka",
            "nats",
            "mqtt",
            "svn",
        ),
        hints=(rf"(?:{_SCHEMES})(?:\+[a-z]{{1,8}})?:\\?/\\?/[^\s/@\"'<>]{{0,20}}[:@]",),
        regex=re.compile(
            rf"(?:{_SCHEMES})(?:\+[a-z]{{1,8}})?:\\?/\\?/[^\s:/@\"'<>\\]{{0,64}}:(?P<secret>[^\s\"'<>/\\@]{{4,256}})@(?=[A-Za-z0-9\[])"
        ),
        is_real=is_no_sample,
    ),
    Pattern(
        label="token",
        begins=("bearer", "token", "apikey"),
        hints=("(?i:(?:bearer|token|apikey)[ ]{1,4}[A-Za-z0-9_.~+/-]{8})",),
        regex=re.compile(
            r"(?:(?<=authorization: )(?:token|apikey)|bearer)[ ]{1,4}(?P<secret>[A-Za-z0-9_.~+/-]{16,2048}+={0,2})",
            re.IGNORECASE,
        ),
        after=ALNUM,
        any_case=True,
        is_generic=True,
        is_real=is_generated,
    ),
    # `user:password` in base64, as HTTP and Docker's configuration have it.
    Pattern(
        label="basic-auth",
        begins=("basic", "auth", "_auth"),
        hints=(r"(?i:(?:basic[ ]|auth[\\\"']{0,8}[ ]?[:=])[ ]{0,4}[\\\"']{0,8}[A-Za-z0-9+/]{8})",),
        regex=re.compile(
            r"(?:basic[ ]{1,4}|_?auth(?:\\{0,7}[\"'])?[ ]?[:=][ ]{0,4}(?:\\{0,7}[\"'])?)"
            r"(?P<secret>[A-Za-z0-9+/]{8,512}+={0,2})",
            re.IGNORECASE,
        ),
        any_case=True,
        is_real=holds_login,
    ),
    Pattern(
        label="azure-storage-key",
        begins=("accountkey", "sharedaccesskey"),
        hints=("(?i:(?:Account|SharedAccess)Key=)",),
        regex=re.compile(r"(?:Account|SharedAccess)Key=(?P<secret>[A-Za-z0-9+/]{43,86}={1,2})", re.IGNORECASE),
        any_case=True,
        is_real=is_varied,
    ),
    Pattern(
        label="azure-sas",
        begins=("sig=",),
        hints=("sig=[A-Za-z0-9%+/]{6}",),
        regex=re.compile(r"sig=(?P<secret>[A-Za-z0-9%+/]{43,64}(?:=|%3D))"),
        is_real=is_varied,
    ),
    Pattern(
        label="password",
        begins=("--",),
        hints=("(?i:--[a-z-]{0,24}(?:passw(?:or)?d|passphrase|pass|pwd|token|secret|api-?key)[ ])",),
        regex=re.compile(rf"--{_OPTIONS}[ ]{{1,4}}{_VALUE}", re.IGNORECASE),
        any_case=True,
        is_generic=True,
        is_real=is_chosen,
    ),
    Pattern(
        label="password",
        begins=("env ", "set ", "setx "),
        hints=("(?i:(?:env|setx?) [a-z0-9_]{0,40}(?:passw|passphrase|pwd|token|secret|key)[a-z]{0,8}[ ])",),
        regex=re.compile(
            rf"(?:ENV|setx?) [A-Z0-9_]{{0,40}}?(?:PASSW(?:OR)?D|PASSPHRASE|PWD|TOKEN|SECRET|KEY)[ ]{{1,4}}{_VALUE}",
            re.IGNORECASE,
        ),
        any_case=True,
        is_generic=True,
        is_real=is_chosen,
    ),
    # `machine github.com login ada password …`, on one line or on three.
    Pattern(
        label="password",
        begins=("login",),
        hints=(r"login\s{1,8}\S",),
        regex=re.compile(
            r"login\s{1,8}\S{1,100}\s{1,8}(?:account\s{1,8}\S{1,64}\s{1,8})?password\s{1,8}(?P<secret>\S{4,256})"
        ),
        is_real=is_no_sample,
    ),
    # curl -u ada:…, and the like.
    Pattern(
        label="password",
        begins=("-u ", "--user "),
        hints=(r"-u(?:ser)? [\"']?[A-Za-z0-9_.@+-]{2}",),
        regex=re.compile(r"(?:-u|--user)[ ][\"']?[^\s:\"'/$]{1,64}:(?P<secret>[^\s\"'@:/]{4,128})(?=[\s\"'\\]|$)"),
        is_generic=True,
        is_real=is_chosen,
    ),
    Pattern(
        label="password",
        begins=("sshpass -p", "mysql", "plink", "docker login ", "redis-cli "),
        hints=("sshpass -p", "(?:mysql|mysqldump|mysqladmin|plink|docker login|redis-cli)[ ]"),
        regex=re.compile(
            r"(?:sshpass|mysql(?:dump|admin)?|plink|docker login|redis-cli)[ ]"
            r"(?:[^\n\"']{0,60}?[ ])?-(?:p|pw|a)[ ]?[\"']?"
            r"(?P<secret>[^\s\"']{6,128})"
        ),
        is_generic=True,
        is_real=is_chosen,
    ),
    Pattern(
        label="api-key",
        begins=("?", "&"),
        hints=("(?:[?]|&)(?:key|auth|sig)=[A-Za-z0-9_-]{6}",),
        regex=re.compile(r"[?&](?:key|auth|sig)=(?P<secret>[A-Za-z0-9_.~-]{16,512}+)(?![A-Za-z0-9%])"),
        after=_NOTHING,
        is_generic=True,
        is_real=is_generated,
    ),
    # The private number of a JSON Web Key (RFC 7518, sections 6.2.2 and 6.3.2).
    Pattern(
        label="jwk",
        begins=('"d"', '\\"d\\"'),
        hints=(r'"d\\?"[ ]?:[ ]?\\?"[A-Za-z0-9_-]{6}',),
        regex=re.compile(r'\\?"d\\?"[ ]?:[ ]?\\?"(?P<secret>[A-Za-z0-9_-]{43,1400})\\?"'),
        after=_NOTHING,
        is_real=is_generated,
    ),
)
