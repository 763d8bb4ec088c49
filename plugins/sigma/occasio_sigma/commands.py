"""`occasio sigma`: run, check, list, fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from occasio_core import Asked, Json, UsageError, selection_options
from occasio_sigma.fields import LISTS, NUMBERS, TEXTS
from occasio_sigma.rules import Rule, of_levels, read_rules, shipped
from occasio_sigma.run import Hit, check, hits

NOTHING, ONLY_LOW, SERIOUS = 0, 1, 2  # exit codes, as of `occasio anomalies`
_SHOWN = 100  # characters of what a row is about
_ABOUT = ("command", "path", "pattern", "url", "query")

rules_option = click.option(
    "--rules", "places", multiple=True, type=click.Path(path_type=Path, exists=True), help="A file or folder of rules."
)
no_shipped_option = click.option("--no-shipped", is_flag=True, help="Leave out the rules that come with Occasio.")


def commands_for(home: Path) -> click.Group:
    """Return the commands; a person's own rules are in the folder `sigma` of Occasio's home."""
    sigma.context_settings["obj"] = home
    return sigma


def _chosen(home: Path, places: Sequence[Path], no_shipped: bool) -> list[Rule]:
    own = home / "sigma"
    found = [] if no_shipped else shipped()
    return [*found, *(rule for place in (*([own] if own.is_dir() else []), *places) for rule in read_rules(place))]


@click.group()
def sigma() -> None:
    """Run rules in Sigma's format over what agents did."""


@sigma.command("run")
@click.pass_obj
@rules_option
@no_shipped_option
@click.option(
    "--level", type=click.Choice(["info", "low", "medium", "high"]), default="info", help="From this level on."
)
@selection_options
def run_command(home: Path, places: tuple[Path, ...], no_shipped: bool, level: str, asked: Asked) -> None:
    """Say on which rows rules fire: those that come with Occasio, those in its home's folder sigma, and --rules.

    Exit codes: 0 nothing, 1 what is low, or a damaged log, 2 what is medium or high, or wrong use.
    """
    rules = of_levels(_chosen(home, places, no_shipped), level)
    worst = NOTHING
    with asked.reader() as (reader, selection):
        found = []
        for hit in hits(reader.rows(selection), rules):
            worst = max(worst, SERIOUS if hit.rule.level in ("medium", "high") else ONLY_LOW)
            if asked.as_json:
                found.append(_json(hit))
            else:
                click.echo("\n".join(_lines(hit)))
        if asked.as_json:
            click.echo(json.dumps(found, indent=2))
        elif worst == NOTHING:
            click.echo(f"no row fits any of {len(rules)} rules")
    raise click.exceptions.Exit(worst)


@sigma.command("check")
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
def check_command(places: tuple[Path, ...]) -> None:
    """Say whether the rules in these files and folders can be run."""
    rules = [rule for place in places for rule in read_rules(place)]
    if not rules:
        raise UsageError("there are no rules there", hint="a rule is a .yml file")
    for rule in rules:
        check(rule)
    click.echo(f"{len(rules)} rule{'s' if len(rules) > 1 else ''} can be run")


@sigma.command("list")
@click.pass_obj
@rules_option
@no_shipped_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(home: Path, places: tuple[Path, ...], no_shipped: bool, as_json: bool) -> None:
    """List the rules that `run` would run."""
    rules = _chosen(home, places, no_shipped)
    if as_json:
        click.echo(json.dumps([_rule(rule) for rule in rules], indent=2))
        return
    for rule in rules:
        click.echo(f"{rule.level:<7} {rule.title}  ({rule.origin})")


@sigma.command("fields")
def fields_command() -> None:
    """List the fields that rules can ask for."""
    for title, fields in (("texts", TEXTS), ("numbers", NUMBERS), ("lists: a value is compared with each", LISTS)):
        click.echo(f"{title}:")
        for name, meaning in fields.items():
            click.echo(f"  {name:<15} {meaning}")


def _rule(rule: Rule) -> dict[str, Json]:
    return {"id": rule.id, "title": rule.title, "level": rule.level, "tags": list(rule.tags), "from": rule.origin}


def _json(hit: Hit) -> dict[str, Json]:
    fields = hit.row.fields
    row: dict[str, Json] = {name: fields[name] for name in ("seq", "hash", "ts", "run_id", "kind")}
    return {"rule": _rule(hit.rule), "row": row, "about": _about(hit)}


def _lines(hit: Hit) -> Iterator[str]:
    fields = hit.row.fields
    yield f"{hit.rule.level.upper():<7} {hit.rule.title}"
    what = fields.get("tool_name") or hit.row.kind
    told = " ".join(str(part) for part in (fields.get("action"), what, _about(hit)) if part)
    yield f"        {str(fields['ts'])[:19]}Z  run {str(fields['run_id'])[:8]}  row {fields['seq']}  {told}"


def _about(hit: Hit) -> str:
    """Return what the row is about, as a terminal may show it."""
    inputs = hit.row.fields.get("tool_inputs")
    told = inputs if isinstance(inputs, dict) else {}
    text = next((str(told[name]) for name in _ABOUT if told.get(name)), str(hit.row.fields.get("message") or ""))
    shown = "".join(character if character.isprintable() else "?" for character in text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
