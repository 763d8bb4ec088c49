"""Hosts among the words that are typed: with a scheme, or as people write them into an address bar.

Knows text only.  A word such as `main.py` is no host, though `py` is a country: endings of common files are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_URL = re.compile(
    r"(?i)\b(?P<scheme>[a-z][a-z0-9+.-]{1,31}):/{2}(?:[^\s/@\"'`]*@)?(?P<host>\[[^\]\s]*\]|[^\s/:?#\"'`;|&<>()]+)"
)
_WORD = re.compile(r"[^\s\"'`;|&<>(){},=]+")
_BARE = re.compile(
    r"(?i)(?:[^\s/@]*@)?(?P<host>localhost|\[[0-9a-f:]+\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
    r"|(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?P<last>[a-z][a-z0-9-]{1,62}))\.?(?::[0-9]{1,5})?(?:[/?#].*)?"
)
# Endings that stand for files far more often than for hosts.
_FILES = frozenset((
    "bak", "bin", "c", "cc", "cfg", "cmd", "conf", "cpp", "cs", "css", "csv", "cjs", "dat", "db", "doc", "docx",
    "env", "exe", "gif", "go", "gz", "h", "hpp", "htm", "html", "ico", "ini", "ipynb", "jar", "java", "jpeg", "jpg",
    "js", "json", "jsonl", "jsx", "key", "kt", "lock", "log", "lua", "mjs", "md", "mk", "mp3", "mp4", "o", "ods",
    "odt", "old", "orig", "out", "pdf", "pem", "php", "pl", "png", "ppt", "pptx", "ps1", "py", "pyc", "rb", "rs",
    "rst", "sh", "so", "sql", "sqlite", "svg", "swift", "tar", "tgz", "tmp", "toml", "ts", "tsv", "tsx", "txt",
    "vue", "wasm", "wav", "xls", "xlsx", "xml", "yaml", "yml", "zip", "zst",
))  # fmt: skip


def hosts_in(line: str) -> Iterator[tuple[str, str]]:
    """Yield each host of `line` with the word that names it; the same one once."""
    seen: set[str] = set()
    for url in _URL.finditer(line):
        if url["scheme"].lower() != "file" and (host := url["host"].lower()) not in seen:
            seen.add(host)
            yield host, url.group()
    for word in _WORD.findall(_URL.sub(" ", line)):
        found = _BARE.fullmatch(word)
        if found and (found["last"] or "").lower() not in _FILES and (host := found["host"].lower()) not in seen:
            seen.add(host)
            yield host, word
