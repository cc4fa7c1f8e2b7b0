"""Docs that run: every fenced sh and python block, every script a page names, every link."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {"node_modules", ".venv", "build", "target"} & set(path.relative_to(ROOT).parts)
)
BLOCKS = [
    pytest.param(language, code, id=f"{page.relative_to(ROOT)}-{number}")
    for page in PAGES
    for number, (language, code) in enumerate(re.findall(r"^```(sh|python)\n(.*?)^```", page.read_text(), re.M | re.S))
]


@pytest.mark.slow
@pytest.mark.parametrize(("language", "code"), BLOCKS)
def test_a_block_runs(language: str, code: str) -> None:
    command = ["bash", "-euo", "pipefail", "-c", code] if language == "sh" else [ROOT / ".venv/bin/python", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_scripts_that_a_page_names_exist(page: Path) -> None:
    for name in re.findall(r"`?((?:scripts|contracts/tools)/[\w/.-]+)", page.read_text()):
        path = ROOT / name.rstrip(".")
        assert path.exists(), name
