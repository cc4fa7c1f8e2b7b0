"""The tables of docs/statement.md and the refusals in the code name the same rules."""

import re
from pathlib import Path

import pytest

from verifier.admission.bounds import bound_rule
from verifier.tiers import PORTFOLIO

ROOT = Path(__file__).parents[2]
STATEMENT = (ROOT / "docs/statement.md").read_text()


def table_rules(heading: str) -> set[str]:
    """Return the names in the first column of the tables of one part."""
    part = STATEMENT.split(f"## {heading}")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| ")]
    return {name.strip(" *`") for cell in cells for name in cell.split(",")} - {"rule"}


def code_rules(pattern: str, exception: str) -> set[str]:
    """Return the rule names of the exceptions that files raise."""
    text = "".join(path.read_text() for path in sorted((ROOT / "verifier").glob(pattern)))
    assert text, f"no source file matches {pattern}"
    return set(re.findall(exception + r'\(\s*"([a-z0-9-]+)"', text))


def test_the_admission_table_is_complete():
    assert table_rules("8 Admission") == code_rules("admission/*.py", "AdmissionRefused") | {"<array>-bound"}


def test_the_key_table_is_complete():
    assert table_rules("9 Keys and proofs") == code_rules("groth16/keys.py", "KeyRefused")


@pytest.mark.parametrize("rule", sorted(code_rules("admission/*.py", "AdmissionRefused")))
def test_every_admission_rule_has_a_test(rule: str):
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_admission_*.py"))
    assert f'"{rule}"' in tests


def test_every_array_has_a_bound_in_the_statement():
    part = STATEMENT.split("## 3 ")[1].split("\n## ")[0]
    for section in PORTFOLIO.sections:
        assert section.name in part
        assert bound_rule(section.name).endswith("-bound")
