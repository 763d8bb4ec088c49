"""The self-test: what must hold of the gate, each looked at in real runs; a check that cannot be made has failed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from occasio_core import Json
from occasio_harness.evidence import stops
from occasio_harness.marker import Marker, sightings
from occasio_harness.scratch import prepared
from occasio_harness.trial import AWS, KEY, MADE, REDACTING, Trial


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold; `look` returns what is wrong, nothing if it holds."""

    name: str
    says: str
    look: Callable[[Trial], str]


@dataclass(frozen=True, slots=True)
class Checked:
    """A check and what came of it; `why` is empty if it holds."""

    check: Check
    why: str


def selftest(checks: Sequence[Check] = ()) -> list[Checked]:
    """Return what came of all checks, or of those given, made in a scratch that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="occasio-selftest-", ignore_cleanup_errors=True) as folder:
        trial = Trial(Path(folder).resolve())
        return [Checked(check, looked(check, trial)) for check in checks or CHECKS]


def looked(check: Check, trial: Trial) -> str:
    """Return what is wrong, nothing if the check holds."""
    try:
        return check.look(trial)
    except Exception as error:  # noqa: BLE001 - whatever kept a check from being made, it has not succeeded
        return f"could not be looked at: {type(error).__name__}: {error}"


def _refused(call: str) -> Callable[[Trial], str]:
    def look(trial: Trial) -> str:
        row = trial.first.of(call)
        if row["action"] != "BLOCK":
            return f"the decision was {row['action']}"
        if trial.scratch.denied.text in trial.first.result(call):
            return "the model got the text"
        return "" if "Refused by policy" in trial.first.result(call) else "the model was not told of the refusal"

    return look


def _local(trial: Trial) -> str:
    if (action := trial.first.of("local")["action"]) != "LOCAL":
        return f"the decision was {action}"
    if trial.scratch.control.text not in trial.first.result("local"):
        return "the model did not get the file's bytes"
    return "the agent read it" if "agent: read notes.txt" in trial.first.finished.stdout else ""


def _passed(trial: Trial) -> str:
    if (action := trial.first.of("passed")["action"]) != "PASS":
        return f"the decision was {action}"
    return "" if trial.scratch.control.text.upper() in trial.first.result("passed") else "the model got no result"


def _redacted(trial: Trial) -> str:
    if (kind := trial.first.of("aws", "tool_result")["result_kind"]) != "transform":
        return f"the result was {kind}"
    if any(AWS.encode() in one.data for one in trial.first.sent):
        return "the model got the key"
    return "" if "[REDACTED" in trial.first.result("aws") else "nothing shows that something was taken out"


def _withheld(trial: Trial) -> str:
    if (kind := trial.second.of("token", "tool_result")["result_kind"]) != "withheld":
        return f"the result was {kind}"
    return _nowhere(trial.strict.token, [one.data for one in trial.second.sent])


def _mixed(trial: Trial) -> str:
    made = trial.scratch.work / MADE
    if trial.first.of("mixed_denied")["action"] != "BLOCK" or made.exists():
        return "the denied call of the turn was run"
    return "" if made.with_name(f"{MADE}.txt").is_file() else "the allowed call of the turn was not run"


def _protected(trial: Trial) -> str:
    row = trial.first.of("policy")
    if (row["action"], row["reason"]) != ("BLOCK", "path-protected"):
        return f"the decision was {row['action']} ({row['reason']})"
    return "" if trial.scratch.policy.read_text(encoding="utf-8") == REDACTING else "the policy was changed"


def _marker(trial: Trial) -> str:
    return _nowhere(trial.scratch.denied, [one.data for one in trial.first.sent]) or _nowhere(
        trial.scratch.denied, [trial.scratch.log.read_bytes(), trial.bundle.read_bytes()]
    )


def _key(trial: Trial) -> str:
    if not all(f"x-api-key: {KEY}".encode() in one.data for one in trial.first.sent):
        return "the provider did not get the key"
    files = [path for path in trial.scratch.root.rglob("*") if path.is_file()]
    holding = [path.name for path in files if KEY.encode() in path.read_bytes()]
    return f"the key is in {', '.join(holding)}" if holding else ""


def _hook(trial: Trial) -> str:
    answered, _ = trial.hook
    return "" if _denies(answered.exit_code, answered.stdout) else f"the hook said: {answered.stdout}{answered.stderr}"


def _silence(trial: Trial) -> str:
    _, silent = trial.hook
    return (
        "" if _denies(silent.exit_code, silent.stdout) else f"the hook let it through: {silent.stdout}{silent.stderr}"
    )


def _denies(exit_code: int, said: str) -> bool:
    return exit_code == 2 or (exit_code == 0 and '"permissionDecision":"deny"' in said.replace(" ", ""))


def _server(trial: Trial) -> str:
    allowed, denied = (json.dumps(answer) for answer in trial.server)
    if "The number of the order" not in allowed:
        return f"what may be read did not come: {allowed[:200]}"
    return "" if "path-denied" in denied and "vault" not in denied else f"what is denied came: {denied[:200]}"


def _chain(trial: Trial) -> str:
    if len(trial.first.rows) < 5:
        return f"there are {len(trial.first.rows)} rows"
    done = trial.scratch.occasio("audit", "verify")
    return "" if done.exit_code == 0 else f"`occasio audit verify` ended with {done.exit_code}: {done.words}"


def _counts(trial: Trial) -> str:
    blocked = sum(row["kind"] == "tool_call" and stops(row) for row in trial.first.rows)
    changed = sum(row["kind"] == "tool_result" and stops(row) for row in trial.first.rows)
    return "" if blocked >= 3 and changed >= 1 else f"{blocked} calls were refused and {changed} results changed"


def _verified(trial: Trial) -> str:
    done = trial.verified(trial.bundle)
    return "" if done.exit_code == 0 and done.stdout.startswith("VERIFIED") else f"{done.exit_code}: {done.words}"


def _noticed(trial: Trial) -> str:
    done = trial.verified(trial.changed())
    return "" if done.exit_code == 1 and "row-hash" in done.stdout else f"{done.exit_code}: {done.stdout[:200]}"


def _log_noticed(trial: Trial) -> str:
    assert trial.second.rows
    log = trial.strict.log
    data = log.read_bytes()
    log.write_bytes(data.replace(b'"result_kind":"withheld"', b'"result_kind":"pass"', 1))
    done = trial.strict.occasio("audit", "verify")
    return "" if done.exit_code == 1 else f"`occasio audit verify` ended with {done.exit_code}: {done.words}"


def _bad_policy(trial: Trial) -> str:
    scratch = prepared(trial.root / "third")
    scratch.policy.write_text("version: 1\ndeny_path: [x]\n", encoding="utf-8")
    done = scratch.occasio("run", "--", "touch", "began")
    if (scratch.work / "began").exists():
        return "the run began"
    return "" if done.exit_code == 2 and "deny_paths" in done.stderr else f"{done.exit_code}: {done.words}"


def _nowhere(marker: Marker, places: Sequence[bytes]) -> str:
    found = [form for data in places for form in sightings(marker, data)]
    return f"it came out: {', '.join(found)}" if found else ""


CHECKS: tuple[Check, ...] = (
    Check("denied-read", "a read of a denied file is refused", _refused("read")),
    Check("denied-cat", "a shell command that reads it is refused", _refused("cat")),
    Check("denied-powershell", "a command of PowerShell that reads it is refused", _refused("content")),
    Check("local-read", "a read is carried out here, with the file's bytes, and the agent never sees it", _local),
    Check("passed-command", "an allowed command is run by the agent, and the model gets its result", _passed),
    Check("mixed-turn", "of two calls in one turn the allowed one is run and the denied one is not", _mixed),
    Check("secret-withheld", "a result with a secret is held back where the policy says so", _withheld),
    Check("secret-redacted", "an AWS key is taken out of a result where the policy says so", _redacted),
    Check("policy-protected", "the agent cannot change the policy", _protected),
    Check("key-kept", "the real key is with the provider, and in no file", _key),
    Check("hook-denied", "the installed hook refuses a denied read", _hook),
    Check("hook-fails-closed", "the same hook refuses when nobody answers it", _silence),
    Check("mcp-denied", "the gateway before a server of MCP lets through what is allowed, and nothing else", _server),
    Check("marker-nowhere", "the denied text is in no request, not in the log and not in the bundle", _marker),
    Check("rows-counted", "three calls at least are refused and one result is changed, by rows", _counts),
    Check("chain-verifies", "the log verifies, with five rows at least", _chain),
    Check("bundle-verifies", "the sealed run is VERIFIED by another process", _verified),
    Check("change-noticed", "one changed byte of the bundle is FAILED", _noticed),
    Check("log-change-noticed", "a changed row of the log is noticed", _log_noticed),
    Check("bad-policy-stops", "a policy that does not parse stops the run before it begins", _bad_policy),
)


def as_document(done: Sequence[Checked]) -> Json:
    """Return what came of the checks as a JSON document."""
    return {
        "schema": "occasio-selftest/v1",
        "ok": is_ok(done),
        "checks": [
            {"check": one.check.name, "says": one.check.says, "passed": not one.why, "why": one.why or None}
            for one in done
        ],
    }


def is_ok(done: Sequence[Checked]) -> bool:
    """Return whether there were checks and all of them hold."""
    return bool(done) and not any(one.why for one in done)


def shown(done: Sequence[Checked]) -> str:
    """Return a line for each check, and one for all."""
    lines = [f"{'FAIL' if one.why else 'ok':4}  {one.check.says}{f': {one.why}' if one.why else ''}" for one in done]
    passed = sum(not one.why for one in done)
    return "\n".join([*lines, f"{passed} of {len(done)} checks passed"])
