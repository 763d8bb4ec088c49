"""The page of the plugin says what the mappings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_compliance.assessment import framework, framework_names
from occasio_compliance.claims import CLAIMS

PAGE = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", framework_names())
def test_every_control_is_on_the_page_with_its_claims_and_what_is_not_assessed(name: str) -> None:
    told = framework(name)
    rows = [
        f"| {one.id} {one.title} | {', '.join(f'`{claim}`' for claim in one.claims) or 'none'} | "
        f"{'; '.join(one.not_assessed)} |"
        for one in told.controls
    ]
    never = f"Never assessed: {'; '.join(f'{part} {title}' for part, title in told.never_assessed)}."
    section = PAGE.partition(f"\n## `{name}`: {told.title} ({told.source})\n")[2].partition("\n## ")[0]
    assert [row for row in section.splitlines() if row.startswith("| ")][1:] == rows
    assert never in section


def test_every_claim_is_on_the_page_in_its_words() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    said = {name: f"| `{name}` | {says} |" for name, (says, _) in CLAIMS.items()}
    assert [name for name, start in said.items() if not any(row.startswith(start) for row in rows)] == []
