"""Programs that print what they keep in their own files, managers of packages and of containers.

`aws configure get …` names no file, but reads `~/.aws/credentials`: that is what it is noted as.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from occasio_core import EffectKind
from occasio_shell.programs.agents import PACKAGES
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.programs.written import run_what_was_written
from occasio_shell.values import LOCAL_OUTPUT, Output, Word, listed

# The program, what its arguments must hold, and the file whose content they bring out.
_KEPT = {
    "aws": (
        (
            r"configure (?:get .*(?:secret|key|token)|export(?:-credentials)?|list-profiles)|sts get-session-token"
            r"|secretsmanager (?:batch-)?get-secret-value|ssm get-parameter.*--with-decryption"
        ),
        "~/.aws/credentials",
    ),
    "gh": (r"auth (?:token|status.*(?:-t|--show-token))", "~/.config/gh/hosts.yml"),
    "gcloud": (
        r"auth (?:application-default )?print-(?:access|identity)-token|secrets versions access",
        "~/.config/gcloud/credentials.db",
    ),
    "az": (
        r"account get-access-token|ad sp credential|keyvault secret (?:show|download)",
        "~/.azure/accessTokens.json",
    ),
    "kubectl": (
        (
            r"config view.*--(?:raw|flatten)"
            r"|get secrets?\b.*(?:-o|--output)[ =]?(?:ya?ml|json|go-template|custom-columns)"
            r"|(?:-o|--output)[ =]?(?:ya?ml|json)\b.*\bsecrets?\b"
        ),
        "~/.kube/config",
    ),
    "vault": (r"\b(?:kv get|read)\b|print token", "~/.vault-token"),
    "op": (r"\b(?:read|item get|document get|inject)\b", "~/.config/op"),
    "pass": (r"^(?!(?:ls|list|find|git|insert|generate|init|version|help)\b).+", "~/.password-store"),
    "secret-tool": (r"\b(?:lookup|search)\b", "~/.local/share/keyrings"),
    "security": (r"\b(?:find-(?:generic|internet)-password|dump-keychain|export)\b", "~/Library/Keychains"),
    "gpg": (r"--export-secret|--export-ownertrust|--list-secret|-d\b|--decrypt", "~/.gnupg"),
    "gpg2": (r"--export-secret|--export-ownertrust|--list-secret|-d\b|--decrypt", "~/.gnupg"),
    "npm": (r"config (?:get|ls|list).*(?:_auth|token|-l)|token\b", "~/.npmrc"),
    "ssh-add": (r"-L|~|/", "~/.ssh"),
    "ssh-keygen": (r"-y|-p", "~/.ssh"),
    "docker-credential-desktop": (r"get|list", "~/.docker/config.json"),
    "docker-credential-pass": (r"get|list", "~/.docker/config.json"),
    "docker-credential-secretservice": (r"get|list", "~/.docker/config.json"),
    "occasio": (
        (
            r"\b(?:approvals|policy|key|audit)\b.*\b(?:approve|init|trust|repair|export)\b"
            r"|\bhook uninstall\b|\bdaemon stop\b"
        ),
        "~/.occasio",
    ),
}
# Names of tasks and packages are words; what has none of these marks is hardly a file.
_MAY_BE_PATH = re.compile(r"(?!-)[^\s]*[./~_][^\s]*")
# Options that name a folder which is filled, and commands and options with which files that are named change.
_FOLDERS = frozenset(
    listed("--prefix --target --root --dir --output-dir --dest --destination --install-dir --out-dir --outDir --cwd")
)
_SHORT_FOLDERS = {"pip": "-td", "pip3": "-td", "gh": "-D", "gem": "-i"}
_COPIES = frozenset({"cp", "sync", "mv", "copy", "download", "get-object"})
IN_PLACE = frozenset(listed("-i --in-place --inplace -w --write --fix --overwrite"))
# Settings of npm and its like that name what runs, or where the credentials go.
_RUNS_LATER = re.compile(
    r"\bset\s(?:.*\s)?(?:script-shell|shell|editor|viewer|git|node-options|yarn-?path|init-module|\S*:?_\w+)[ =]"
)
_SCRIPT = re.compile(r"scripts\.[\w:-]+=(.+)", re.DOTALL)
_REGISTRY = re.compile(r"(?:--[a-z-]*(?:url|registry|links|source)|-i|-f)[ =](http://(\S+))")
_NEAR = re.compile(
    r"localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[\w-]+(?:[:/]|$)"
    r"|[^/:]+\.(?:local|lan|internal|test)(?:[:/]|$)"
)
_PACKAGED = ("npx", "bunx", "pnpx")  # what runs a package at once
_LONG = (
    "--env-file",
    "--file",
    "--volume",
    "--mount",
    "--env",
    "--name",
    "--workdir",
    "--tag",
    "--build-arg",
    "--secret",
)
_MANAGERS = listed(
    """
    npm npx yarn pnpm pnpx bun bunx deno_task pip pip3 pipx apt apt-get apk brew cargo go gem composer mvn
    gradle gradlew make cmake ninja tsc jest vitest pytest tox nox eslint prettier ruff black mypy vite webpack
    rollup esbuild turbo nx lerna dotnet msbuild swift xcodebuild flutter dart mix rebar3 stack cabal ghc rustc
    gcc g++ clang clang++ cc javac rustup nvm fnm pyenv rbenv asdf volta sdk terraform tofu pulumi ansible
    ansible-playbook vagrant helm kustomize kubectl minikube kind k9s skaffold argocd flux istioctl aws gcloud
    az gh glab heroku fly flyctl vercel netlify firebase supabase wrangler serverless sam cdk rails rake rspec
    phpunit artisan django-admin alembic flask uvicorn gunicorn celery
    pg_dump mysqldump playwright cypress storybook tsx ts-node nodemon pm2 concurrently systemctl service
    journalctl dpkg rpm yum dnf pacman snap flatpak port zypper emerge gpg gpg2 ssh-add ssh-keygen
    docker-credential-desktop docker-credential-pass docker-credential-secretservice occasio
    vault op pass secret-tool security gsutil rclone s3cmd s5cmd azcopy b2
    """
)


def _manager(invocation: Invocation) -> Output:
    """Take files that options name for read, and what is run in place of the manager's own commands for started."""
    text = " ".join(word.text for word in invocation.words)
    if (kept := _KEPT.get(invocation.name)) and re.search(kept[0], text):
        invocation.notes.read(Word(kept[1]))
    for place, word in enumerate(invocation.words):
        _argument(invocation, place, word)
    _changed(invocation)
    _settings(invocation, text)
    _from_far(invocation, text)
    run_what_was_written(invocation)
    if place := _inner(invocation):
        return invocation.shell.call(invocation.words[place:], invocation.stdin)
    return LOCAL_OUTPUT


def _argument(invocation: Invocation, place: int, word: Word) -> None:
    name, equals, value = word.text.partition("=")
    before = invocation.words[place - 1].text if place else ""
    if before in {"-m", "--message", "-k", "-e", "--eval", "--grep", "-t", "--body", "--title", "--command"}:
        return
    if equals and name.startswith("-"):
        invocation.notes.read(word.with_text(value.removeprefix("file://")))
    elif word.text.startswith(("file://", "fileb://", "@")):
        invocation.notes.read(word.with_text(re.sub(r"^(?:fileb?://|@)", "", word.text)))
    elif re.match(r"(?:https?|ssh|git\+\w+)://", word.text):
        invocation.notes.connect_url(replace(word, text=word.text.removeprefix("git+")))
    elif _MAY_BE_PATH.fullmatch(word.text):
        invocation.notes.read(word.with_text(value) if equals else word)


def _changed(invocation: Invocation) -> None:
    """Note what comes to be in folders that options name, and the files that a copy or a formatter changes."""
    words, short = invocation.words, _SHORT_FOLDERS.get(invocation.name, "")
    for word, following in zip(words, [*words[1:], Word("")], strict=False):
        name, equals, value = word.text.partition("=")
        if name in _FOLDERS or (short and word.text in {f"-{letter}" for letter in short[1:]}):
            folder = word.with_text(value) if equals else following
            invocation.notes.write(folder)
            invocation.notes.fill(folder)
    texts = [word.text for word in words]
    if texts[:2] == ["repo", "clone"] and len(words) > 2:
        invocation.notes.fill(words[3] if len(words) > 3 else words[2].with_text(texts[2].rpartition("/")[2]))
    if "sync" in texts or "--recursive" in texts or invocation.name == "rclone":
        _sent(invocation)
    changed = words[-1:] if _COPIES.intersection(texts) else words if IN_PLACE.intersection(texts) else []
    for word in changed:
        if _MAY_BE_PATH.fullmatch(word.text) and ":" not in word.text:
            invocation.notes.write(word)
            if word.text.endswith("/") or "sync" in texts or "--recursive" in texts:
                invocation.notes.fill(word)


def _sent(invocation: Invocation) -> None:
    """Note that whole folders are copied, but for what is left out by name."""
    if any(word.text.strip("*/").startswith(".env") for word in invocation.words):
        return
    for word in invocation.words[:-1]:
        if ("/" in word.text or word.text == ".") and ":" not in word.text and not word.text.startswith("-"):
            invocation.notes.read(word, "**")


def _settings(invocation: Invocation, text: str) -> None:
    """Note what `npm config set` and `npm pkg set` have run from then on."""
    if invocation.name in {"npm", "pnpm", "yarn", "bun"}:
        if re.match(r"(?:config|c|set)\b", text) and _RUNS_LATER.search(f"{text.removeprefix('config ')} "):
            invocation.notes.write(Word("~/.npmrc"))
        for word in invocation.words:
            if found := _SCRIPT.fullmatch(word.text):
                invocation.shell.evaluate(found[1])


def _from_far(invocation: Invocation, text: str) -> None:
    """Note code that runs at once from a URL, or comes over a connection that anybody on the way can write into."""
    if invocation.name in _PACKAGED or text.startswith(("exec ", "dlx ", "x ")):
        package = next((word for word in invocation.words if not word.text.startswith("-")), Word(""))
        if re.match(r"https?://", package.text):
            invocation.notes.unknown(EffectKind.EXECUTE, f"{invocation.name} {package.text}")
    if (found := _REGISTRY.search(text)) and not _NEAR.match(found[2]) and invocation.name not in {"helm", "gem"}:
        invocation.notes.unknown(EffectKind.EXECUTE, f"{invocation.name} from {found[1]}")


def _packaged(invocation: Invocation) -> Output:
    """`npx package …`: a package that is known by its program is that program."""
    for place, word in enumerate(invocation.words):
        name = re.sub(r"(?<=.)@[^/]*$", "", word.text)
        if name in PACKAGES:
            return invocation.shell.call([Word(PACKAGES[name]), *invocation.words[place + 1 :]], invocation.stdin)
    return _manager(invocation)


def _inner(invocation: Invocation) -> int:
    """Return where the program starts that `npx`, `npm exec --` and their like run."""
    texts = [word.text for word in invocation.words]
    if "--" in texts and invocation.name in {"npm", "npx", "pnpm", "yarn", "kubectl", "bun", "aws-vault"}:
        return texts.index("--") + 1 if texts[:1] != ["run"] and texts.index("--") + 1 < len(texts) else 0
    return 0


def _container(invocation: Invocation) -> Output:
    """`docker`: what is mounted or copied; what runs inside sees it under another name."""
    arguments = invocation.arguments("vefwpulmhtc", _LONG)
    notes = invocation.notes
    for word in arguments.values("-v", "--volume"):
        source = word.text.partition(":")[0]
        if source.startswith(("/", "~", ".")):
            notes.mount(word.with_text(source))
    for word in arguments.values("--mount"):
        if found := re.search(r"(?:source|src)=([^,]+)", word.text):
            notes.mount(word.with_text(found[1]))
    for word in (*arguments.values("--env-file"), *_files(arguments.values("--secret"))):
        notes.read(word)
    operands = arguments.operands
    for source, inside in _mounted(arguments.values("-v", "--volume")):
        for word in invocation.words:
            for found in re.finditer(rf"(?<![\w.-]){re.escape(inside)}(/[\w.@/*-]+)", word.text):
                notes.read(Word(f"{source}{found[1]}", wild="*" in found[1]))  # as it is called out here
    command = operands[0].text if operands else ""
    if command == "cp":
        *sources, target = operands[1:] or [Word("")]
        for word in (word for word in sources if ":" not in word.text):
            notes.read(word, "**")
        if ":" not in target.text:
            notes.write(target)
            notes.fill(target)
    return LOCAL_OUTPUT


def _mounted(values: list[Word]) -> Iterator[tuple[str, str]]:
    """Yield where a folder is, and where a container sees it."""
    for word in values:
        source, _, rest = word.text.partition(":")
        inside = rest.partition(":")[0].rstrip("/")
        if source.startswith(("/", "~", ".")) and inside:
            yield source.rstrip("/"), inside


def _files(values: list[Word]) -> list[Word]:
    return [word.with_text(found[1]) for word in values if (found := re.search(r"src=([^,]+)", word.text))]


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(_MANAGERS, _manager),
    **dict.fromkeys(_PACKAGED, _packaged),
    **dict.fromkeys(("docker", "podman", "nerdctl", "docker-compose", "buildah"), _container),
}
