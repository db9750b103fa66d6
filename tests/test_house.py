"""Data flows one way; a heavy library is loaded only by those who need it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {"index": {"qa", "web", "app", "training"}, "qa": {"web", "app", "training"}, "web": {"app", "training"}}


def imports(file: Path) -> set[str]:
    """The top-level modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_data_flows_one_way(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = {str(file): found for file in files if (found := imports(file) & FORBIDDEN[package])}
    assert wrong == {}


@pytest.mark.parametrize("module", ["index", "qa"])
def test_importing_loads_no_heavy_library(module):
    code = f"import sys, {module}; print([m for m in ('torch', 'gradio', 'transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
