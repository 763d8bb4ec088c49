"""Fills the templates of `corpus`: what looks like a secret is made at test time, from a seed, and is in no file.

`{36:base62}` are 36 random characters, `{uuid}`, `{jwt}`, `{password}`, `{login64}`, `{pem:RSA }` what they say; `pem1` and
`pem2` write line ends as `\\n` and `\\\\n`.
"""

from __future__ import annotations

import base64
import html
import json
import random
import re
import string
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

CORPUS = Path(__file__).with_name("corpus")

_ALPHABETS = {
    "alpha": string.ascii_letters,
    "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "base62": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "bech32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "url": string.ascii_letters + string.digits + "-_",
}
_WORDS = (
    "river",
    "stone",
    "purple",
    "falcon",
    "winter",
    "copper",
    "garden",
    "silent",
    "marble",
    "anchor",
    "velvet",
    "summit",
)
_FIELD = re.compile(r"\{(?:(\d+):([a-z0-9]+)|(uuid|jwt|password|login64)|(pem[12]?):([A-Z ]*))\}")


@dataclass(frozen=True)
class Sample:
    """A text, and the secrets that are in it; none of a benign one."""

    text: str
    label: str = ""
    secret: str = ""


def lines(name: str) -> list[str]:
    """Return the lines of a file of the corpus, without comments."""
    text = (CORPUS / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def filled(template: str, seed: str) -> str:
    """Return `template` with every field filled; the same seed gives the same text."""
    chance = random.Random(f"{seed}|{template}")
    return _FIELD.sub(lambda field: _made(field, chance), template)


def provider(line: str, context: str, seed: str = "") -> Sample:
    """Return a sample of a line of `providers` in a line of `contexts`."""
    label, template = line.split("\t")
    secret = filled(template, seed + context)
    return Sample(_broken(context).replace("@@", secret), label, secret)


def assignment(line: str, seed: str = "") -> Sample:
    """Return a sample of a line of `assignments`."""
    label, template = line.split("\t")
    before, secret, after = re.split("[«»]", filled(_broken(template), seed))
    return Sample(before + secret + after, label, secret)


def benign(line: str, seed: str = "") -> Sample:
    """Return a sample without a secret."""
    return Sample(filled(_broken(line), seed))


def _broken(template: str) -> str:
    return template.replace("\\n", "\n").replace("\\t", "\t")


def _made(field: re.Match[str], chance: random.Random) -> str:
    length, alphabet, kind, pem, name = field.groups()
    if length and alphabet == "words":
        return "-".join(chance.choice(_WORDS) for _ in range(9))[: int(length)].rstrip("-")
    if length:
        return "".join(chance.choices(_ALPHABETS[alphabet], k=int(length)))
    if pem:
        ends = {"pem": "\n", "pem1": "\\n", "pem2": "\\\\n"}[pem]
        body = ["".join(chance.choices(_ALPHABETS["base64"], k=size)) for size in (64, 64, 64, 40)]
        return ends.join([f"-----BEGIN {name}PRIVATE KEY-----", *body, f"-----END {name}PRIVATE KEY-----"])
    return {"uuid": _uuid, "jwt": _jwt, "password": _password, "login64": _login64}[kind](chance)


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _jwt(chance: random.Random) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": str(chance.getrandbits(40)), "iat": chance.getrandbits(30)})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "".join(chance.choices(_ALPHABETS["url"], k=43))])


def _password(chance: random.Random) -> str:
    """Return a password as people choose them: words and numbers, or noise of a manager."""
    if chance.random() < 0.5:
        word = chance.choice(_WORDS).capitalize() + chance.choice(_WORDS)
        return f"{word}{chance.randrange(10, 2030)}{chance.choice(['!', '', '', '#', '?'])}"
    return "".join(chance.choices(string.ascii_letters + string.digits + "!#%*+-=?", k=chance.randrange(10, 24))) + "7q"


def _login64(chance: random.Random) -> str:
    return base64.b64encode(f"{chance.choice(_WORDS)}:{_password(chance)}".encode()).decode()


# Ways to spell a text.


def spelled(way: str, text: str) -> str:
    """Return `text` as the way of that name in `encodings` writes it."""
    data = text.encode()
    match way:
        case "base64":
            return base64.b64encode(data).decode()
        case "base64_lines":
            return base64.encodebytes(
                b"some words in front of it, so that there are several lines: " + data + b" and more"
            ).decode()
        case "base64_url":
            return base64.urlsafe_b64encode(data).decode().rstrip("=")
        case "hexadecimal":
            return data.hex()
        case "percent":
            return quote(text, safe="")
        case "percent_all":
            return "".join(f"%{byte:02X}" for byte in data)
        case "json":
            return json.dumps({"text": text})
        case "json_twice":
            return json.dumps({"text": json.dumps({"text": text})})
        case "unicode_escapes":
            return "".join(f"\\u{byte:04x}" for byte in data)
        case "hex_escapes":
            return "".join(f"\\x{byte:02x}" for byte in data)
        case "html":
            return "".join(f"&#{byte};" for byte in data) if len(data) % 2 else html.escape(text)
        case "octal_escapes":
            return "".join(f"\\{byte:03o}" for byte in data)
        case "html_names":
            return text.replace('"', "&quot;")
        case "colours":
            return f"{text[:12]}\x1b[01;31m\x1b[K{text[12:15]}\x1b[m\x1b[K{text[15:]}"
        case "struck_twice":
            return "".join(f"{one}\b{one}" for one in text)
        case "utf_16":
            return text.encode("utf-16-le").decode()
        case "tags":
            return "".join(chr(0xE0000 + byte) for byte in data)
        case "bold_letters":
            return "".join(chr(0x1D5BA + ord(one) - 97) if "a" <= one <= "z" else one for one in text)
        case "hexadecimal_lines":
            return re.sub("(.{60})", r"\1\n", (b"some words in front of it " + data).hex())
        case "base64_in_json":
            return json.dumps(
                {"out": base64.encodebytes(b"some words in front of it, so there are lines: " + data).decode()}
            )
        case "zero_width":
            return "\u200b".join(text)
        case "full_width":
            return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)
    raise ValueError(f"there is no way `{way}`")
