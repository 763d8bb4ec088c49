"""`occasio github seal` and `report`: the two steps of the Action that are ours.

All they are told comes from the environment.  They print our own words and numbers, for a runner takes lines with `::`
or `##[` in them for commands.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import click

from occasio_core import Json, OccasioError
from occasio_github import api, sealing
from occasio_github.inputs import Inputs, inputs
from occasio_github.judgement import FAILURE, Judgement, judgement
from occasio_github.markdown import clipped
from occasio_github.summary import Run, summary, title

PLACE = "OCCASIO_ACTION_OUT"
_PROBLEM = "problem.txt"


def github_group(_home: Path) -> click.Group:
    """Return the group `github`."""
    return click.Group("github", commands=[seal, report], help="What the GitHub Action does in a job.")


@click.command
def seal() -> None:
    """Seal a run, sign it, and verify it as the workflow expects: bundle, attestation, report.

    Exit codes: 0 there is a bundle and a report on it, 1 there is none, 2 wrong use.
    """
    out = _place()
    home = out / "home"
    (out / _PROBLEM).unlink(missing_ok=True)
    try:
        made = sealing.seal(inputs(os.environ), home, out, os.environ)
    except OccasioError as error:
        # `report` runs after this step whatever came of it, and says why there is no bundle
        (out / _PROBLEM).write_text(clipped(str(error)), encoding="utf-8")
        raise
    finally:
        # the key that signed came from a secret, and the steps after this one have no need of it
        shutil.rmtree(home, ignore_errors=True)
    outputs = {"attestation-path": str(made.attestation), "bundle-path": str(made.bundle)}
    api.put_out(os.environ, outputs | ({"rekor-entry": made.rekor_entry} if made.rekor_entry else {}))
    click.echo("the run is sealed, and the verifier has reported on it")


@click.command
def report() -> None:
    """Write the job's summary and the Check Run about what `seal` left.

    Exit codes: 0 the conclusion is success or neutral, 1 it is failure, 2 wrong use.
    """
    out, asked = _place(), inputs(os.environ)
    run = _found(out)
    judged = judgement(
        run.report, _policies(run.bundle), expected_policy=asked.expected_policy, on_blocked=asked.on_blocked
    )
    text = summary(run, judged)
    api.put_summary(os.environ, f"## {title(run, judged)}\n\n{text}")
    verdict = "" if run.report is None else str(run.report.get("verdict"))
    api.put_out(os.environ, {"conclusion": judged.conclusion, "verdict": verdict})
    _tell(asked, run, judged, text)
    click.echo(f"conclusion: {judged.conclusion}")
    click.get_current_context().exit(1 if judged.conclusion == FAILURE else 0)


def _tell(asked: Inputs, run: Run, judged: Judgement, text: str) -> None:
    """Create the Check Run.  Where GitHub does not let us, the step still ends as was concluded."""
    try:
        here = api.job(os.environ)
        check = api.CheckRun(
            head_sha=here.head_sha,
            conclusion=judged.conclusion,
            title=title(run, judged),
            summary=text,
            details_url=_details(asked, here),
        )
        api.put_out(os.environ, {"check-run-url": api.create_check_run(here, check)})
    except OccasioError as error:
        why = _of_command(f"{error} {error.hint}".rstrip())
        click.echo(f"::warning title=Occasio::there is no Check Run: {why}")


def _details(asked: Inputs, here: api.Job) -> str | None:
    if asked.view_base_url is None:
        return None
    return f"{asked.view_base_url}?repo={quote(here.repository, safe='')}&sha={here.head_sha}"


def _of_command(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _place() -> Path:
    """Return where the steps of the Action leave things for each other."""
    named = os.environ.get(PLACE)
    out = Path(named) if named else Path(os.environ.get("RUNNER_TEMP", ".")) / "occasio-evidence"
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    return out


def _found(out: Path) -> Run:
    problem = out / _PROBLEM
    if problem.exists() or not (out / "report.json").exists():
        why = problem.read_text(encoding="utf-8") if problem.exists() else "the step before this one did not end"
        return Run(report=None, bundle=None, problem=why)
    bundle = sealing.document((out / "run.occasio.json").read_bytes(), "run.occasio.json")
    report = sealing.document((out / "report.json").read_bytes(), "report.json")
    return Run(report=report, bundle=bundle, rekor_entry=sealing.rekor_entry(bundle))


def _policies(bundle: Mapping[str, Json] | None) -> list[str]:
    """Return the digests of the policies that were in force, the first and those that came later."""
    if bundle is None:
        return []
    history = bundle.get("policy_history")
    held = [bundle.get("policy_snapshot"), *(history if isinstance(history, list) else [])]
    return [str(policy.get("sha256")) for policy in held if isinstance(policy, dict)]
