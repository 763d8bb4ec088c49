"""Programs that talk to other machines: whom they contact, what they send and what they bring."""

from __future__ import annotations

import re
from dataclasses import replace

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, REMOTE_OUTPUT, Output, State, Word, is_secret, listed

_HERE = re.compile(r"(?:[a-z]+://)?(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|0\.0\.0\.0)(?:[:/?#]|$)", re.IGNORECASE)
_FILE_VALUE = re.compile(r"(?:[^=@]*[=:])?[@<](?P<path>[^;]+)(?:;.*)?")

_CURL_VALUES = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"
_CURL_LONG = tuple(
    listed(
        """
    --data --data-raw --data-binary --data-urlencode --data-ascii --json --form --form-string --header --output
    --user --user-agent --upload-file --request --url --cookie --cookie-jar --config --cacert --cert --key
    --max-time --connect-timeout --retry --retry-delay --proxy --resolve --write-out --referer --range
    --netrc-file --output-dir --dump-header --trace --trace-ascii --stderr --interface --unix-socket
    --limit-rate --url-query --preproxy --proxy1.0 --socks4 --socks4a --socks5 --socks5-hostname --output-dir
    """
    )
)
_CURL_PROXIES = ("-x", "--proxy", "--preproxy", "--proxy1.0", "--socks4", "--socks4a", "--socks5", "--socks5-hostname")
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY", "ftp_proxy")
_CURL_SENDS = ("-d", "--data", "--data-binary", "--data-ascii", "--data-urlencode", "--json", "-F", "--form", "-b")
_CURL_READS = ("-T", "--upload-file", "-K", "--config", "--netrc-file", "--key", "-E", "--cert", "--cacert")
_CURL_WRITES = ("-o", "--output", "-c", "--cookie-jar", "-D", "--dump-header", "--trace", "--trace-ascii", "--stderr")
_WGET_LONG = tuple(
    listed(
        """
    --output-document --post-file --body-file --post-data --body-data --input-file --header --directory-prefix
    --tries --timeout --user --password --load-cookies --save-cookies --output-file --append-output --user-agent
    --method --dir
    """
    )
)


def _curl(invocation: Invocation) -> Output:
    arguments = invocation.arguments(_CURL_VALUES, _CURL_LONG)
    notes = invocation.notes
    for word in (*arguments.values(*_CURL_SENDS), *arguments.values("-H", "--header", "-w", "--write-out")):
        _sent(word, invocation)
    for word in arguments.values("--data-urlencode"):
        name, at, path = word.text.partition("@")
        if at and path and "=" not in name:
            notes.read(word.with_text(path))
    for word in arguments.values(*_CURL_READS):
        notes.read(word)
    folder = next((word.text for word in arguments.values("--output-dir")), "")
    for word in arguments.values(*_CURL_WRITES):
        notes.write(_within(folder, word))
    if arguments.has("-n", "--netrc"):
        notes.read(Word("~/.netrc"))
    for word in arguments.values(*_CURL_PROXIES):
        notes.connect_url(word, "http")
    urls = [*arguments.operands, *arguments.values("--url")]
    saved = [_last_name(url) for url in urls] if arguments.has("-O", "--remote-name", "--remote-name-all") else []
    for word in saved:
        notes.write(_within(folder, word))
    for word in (*arguments.values("-o", "--output"), *saved):
        notes.keep(_within(folder, word), REMOTE_OUTPUT)
    to_file = arguments.has("-o", "-O", "--output", "--remote-name", "-I", "--head")
    shows = any(word.text in {"-", "/dev/stdout"} for word in arguments.values("-o", "--output"))
    return _fetched(invocation, urls, to_file=to_file and not shows)


def _sent(word: Word, invocation: Invocation) -> None:
    """Note what a value of an option names: `@file`, `name=@file`, `name@file`."""
    if word.text.endswith(("@-", "@/dev/stdin", "=<-")):
        if is_secret(invocation.stdin):
            invocation.notes.environment()
        return
    if is_secret((word,)) and not re.match(r"(?i)authorization|x-|private-token|api", word.text):
        invocation.notes.environment()
    if found := _FILE_VALUE.fullmatch(word.text):
        invocation.notes.read(replace(word, text=found["path"], found=()))


def _fetched(invocation: Invocation, urls: list[Word], *, to_file: bool) -> Output:
    for word in (value for name in _PROXY_VARIABLES for value in invocation.shell.assigned(name) if value.text):
        invocation.notes.connect_url(word, "http")
    for word in urls:
        if word.text.startswith("file://"):
            invocation.notes.read(word)
            continue
        invocation.notes.connect_url(word, "http")
        if word.secret:
            invocation.notes.environment()
    if to_file:
        return ()
    if urls and all(_HERE.match(word.text) for word in urls):
        return LOCAL_OUTPUT
    return REMOTE_OUTPUT if not all(word.text.startswith("file://") for word in urls) else LOCAL_OUTPUT


def _last_name(url: Word) -> Word:
    """Return the file that a URL is saved as."""
    path = url.text.partition("?")[0].rpartition("://")[2].partition("/")[2]
    return url.with_text(path.rpartition("/")[2] or "index.html")


def _within(folder: str, name: Word) -> Word:
    """Return the file in the folder that an option names, if one does."""
    return name.with_text(f"{folder.rstrip('/')}/{name.text}") if folder and name.text else name


def _wget(invocation: Invocation) -> Output:
    arguments = invocation.arguments("OioaPdtTUeQw" if invocation.name == "aria2c" else "OioaPtTUeQw", _WGET_LONG)
    folders = arguments.values("-P", "--directory-prefix", "--dir", "-d" if invocation.name == "aria2c" else "")
    folder = folders[-1].text if folders else ""
    for word in arguments.values("--post-file", "--body-file", "-i", "--input-file", "--load-cookies"):
        invocation.notes.read(word)
    for word in arguments.values("-O", "--output-document", "-o", "-a", "--output-file", "--append-output"):
        invocation.notes.write(word)
    for word in arguments.values("--post-data", "--body-data"):
        _sent(word, invocation)
    targets = [word.text for word in arguments.values("-O", "--output-document")]
    saved = [_within(folder, _last_name(url)) for url in arguments.operands] if not targets else []
    for word in saved:
        invocation.notes.write(word)
    if folder and arguments.has("-r", "-i", "-m", "-x", "--recursive", "--mirror", "--input-file"):
        invocation.notes.fill(folders[-1])
    for word in (*arguments.values("-O", "--output-document"), *saved):
        invocation.notes.keep(word, REMOTE_OUTPUT)
    shows = targets[-1:] in (["-"], ["/dev/stdout"])
    return _fetched(invocation, arguments.operands, to_file=not shows)


def _download(invocation: Invocation) -> Output:
    """`lwp-download URL [file]`, `lwp-request URL`."""
    operands = invocation.arguments().operands
    for word in operands[1:2]:
        invocation.notes.write(word)
        invocation.notes.keep(word, REMOTE_OUTPUT)
    return _fetched(invocation, operands[:1], to_file=invocation.name == "lwp-download")


def _httpie(invocation: Invocation) -> Output:
    arguments = invocation.arguments("oap", ("--output", "--auth"))
    urls = [word for word in arguments.operands if "=" not in word.text and "@" not in word.text[:1]]
    for word in arguments.operands:
        if found := re.fullmatch(r"[^:=@]*[:=]*@(.+)", word.text):
            invocation.notes.read(word.with_text(found[1]))
    hosts = [word for word in urls if not word.text.isupper()][:1]
    if is_secret(invocation.stdin):
        invocation.notes.environment()
    return _fetched(invocation, hosts, to_file=arguments.has("-o", "--output"))


def _netcat(invocation: Invocation) -> Output:
    """A connection that nobody looks into: what comes may run, with `-e` at once."""
    arguments = invocation.arguments("epswqxXcgGiIoPT", ("--exec", "--sh-exec"))
    for word in arguments.operands[:1]:
        if not word.text.isdigit():
            port = next((other.text for other in arguments.operands[1:] if other.text.isdigit()), "")
            invocation.notes.connect(word.text, f"tcp://{word.text}:{port}", is_known=word.state is State.KNOWN)
    if arguments.values("-e", "-c", "--exec", "--sh-exec"):
        invocation.notes.unknown(EffectKind.EXECUTE, f"{invocation.name} -e")
    if is_secret(invocation.stdin):
        invocation.notes.environment()
    return REMOTE_OUTPUT if arguments.operands and not arguments.has("-z") else LOCAL_OUTPUT


def _socat(invocation: Invocation) -> Output:
    for word in invocation.words:
        kind, _, rest = word.text.partition(":")
        if kind.upper().startswith(("TCP", "UDP", "OPENSSL", "SSL")):
            invocation.notes.connect(rest.partition(":")[0], f"tcp://{rest.partition(',')[0]}")
        elif kind.upper() in {"FILE", "OPEN", "GOPEN", "CREATE"}:
            path = word.with_text(rest.partition(",")[0])
            invocation.notes.read(path)
            invocation.notes.write(path)
        elif kind.upper() in {"EXEC", "SYSTEM"}:
            if "LISTEN" not in kind.upper() and len(invocation.words) > 1:
                invocation.notes.unknown(EffectKind.EXECUTE, word.text)
            invocation.shell.evaluate(rest.partition(",")[0])
    if is_secret(invocation.stdin):
        invocation.notes.environment()
    return REMOTE_OUTPUT


def _ssh(invocation: Invocation) -> Output:
    arguments = invocation.arguments("bcDEeFIiJLlmOopQRSWw", ends=True)
    for word in arguments.values("-F", "-E"):
        invocation.notes.read(word)
    for word in arguments.values("-o"):
        name, _, command = word.text.replace("=", " ", 1).partition(" ")
        if name.lower() in {"proxycommand", "localcommand", "knownhostscommand"}:
            invocation.shell.evaluate(command.strip())
    for word in arguments.operands[:1]:
        invocation.notes.connect_url(word)
    if is_secret(invocation.stdin):
        invocation.notes.environment()
    if len(arguments.operands) > 1 and _HERE.fullmatch(arguments.operands[0].text.rpartition("@")[2]):
        return invocation.shell.evaluate(" ".join(word.text for word in arguments.operands[1:]), invocation.stdin)
    return REMOTE_OUTPUT


def _lookup(invocation: Invocation) -> Output:
    """`ping`, `dig`, `nslookup`: a name that is looked up may carry what it is made of, and an answer anything."""
    for word in invocation.arguments("ctWipsIf").operands:
        if word.secret:
            invocation.notes.environment()
        if "." in word.text and not word.text.startswith(("+", "@")):
            invocation.notes.connect(word.text)
    return LOCAL_OUTPUT if invocation.name.startswith("ping") else REMOTE_OUTPUT


PROGRAMS: dict[str, Program] = {
    "curl": _curl,
    **dict.fromkeys(("curlie", "fetch"), _curl),
    **dict.fromkeys(("lwp-download", "lwp-request", "GET"), _download),
    **dict.fromkeys(("wget", "wget2", "axel", "aria2c"), _wget),
    **dict.fromkeys(("http", "https", "httpie", "xh"), _httpie),
    **dict.fromkeys(("nc", "ncat", "netcat", "telnet", "nc.traditional", "nc.openbsd"), _netcat),
    "socat": _socat,
    **dict.fromkeys(("ssh", "autossh", "mosh", "sshpass_ssh"), _ssh),
    **dict.fromkeys(("ping", "ping6", "dig", "nslookup", "host", "whois", "traceroute", "finger", "drill"), _lookup),
}
