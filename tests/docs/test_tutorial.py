"""What the tutorials show is what the examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted(ROOT.glob("docs/tutorial/*.md"))
BLOCK = re.compile(r"(?:<!-- (?P<source>\S+) -->\n)?```python\n(?P<code>.*?)```", re.DOTALL)


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.name)
def test_every_program_is_part_of_an_example(tutorial: Path) -> None:
    blocks = list(BLOCK.finditer(tutorial.read_text()))
    assert blocks, "a tutorial without a program"
    for block in blocks:
        source, code = block["source"], block["code"]
        assert source, f"no file is named above\n{code}"
        assert code in (ROOT / source).read_text(), f"not in {source}\n{code}"


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")), ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / link).exists(), link
