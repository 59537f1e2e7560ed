"""What is imported when: programs and commands pay for what they use.

Times depend on the machine; which modules are loaded does not. `docs/decisions` has the times.
"""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from typing import Any

import pytest

import centra
from centra.cli.commands import COMMANDS

#: What takes long to import, as `import` names it.
HEAVY = {
    "IPython", "click", "matplotlib", "numpy", "pandas", "plotly", "polars", "pyarrow", "rich",
    "scipy", "sklearn", "tqdm", "typer", "threadpoolctl", "joblib",
}  # fmt: skip


def loaded(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the modules that it has then."""
    mark = "modules: "
    program = f"{code}\nimport json, sys; print({mark!r} + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    return set(json.loads(last.removeprefix(mark)))


def roots(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def command(*arguments: str) -> str:
    return f"import sys, _centra; sys.argv = ['centra', *{arguments!r}]; _centra.main()"


def test_the_package_alone_imports_nothing() -> None:
    found = loaded("import centra")
    assert {name for name in found if name.partition(".")[0] == "centra"} == {
        "centra",
        "centra._former",
    }
    assert roots(found) <= {*sys.stdlib_module_names, *roots(loaded("")), "centra"}


@pytest.mark.parametrize("name", ["CentraError", "ModelFileError", "errors", "__version__"])
def test_errors_and_the_version_need_no_numpy(name: str) -> None:
    assert not HEAVY & roots(loaded(f"import centra; centra.{name}"))


@pytest.mark.parametrize("name", ["KMeans", "sweep", "plot", "page"])
def test_a_name_imports_what_it_needs(name: str) -> None:
    """Beside what scikit-learn's own base classes import, which is most of it."""
    found = loaded(f"import sklearn.base, sklearn.utils; from centra import {name}")
    new = found - loaded("import sklearn.base, sklearn.utils")
    assert not roots(new) & {"IPython", "matplotlib", "plotly", "polars", "tqdm", "typer"}
    assert not {"sklearn.cluster", "sklearn.neighbors", "centra.cli", "centra.tutorial"} & new
    if name in ("KMeans", "sweep"):
        assert not {"centra.page", "centra.plot", "sklearn.metrics"} & new
    if name == "KMeans":
        assert "centra.selection" not in new


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["--version"], ["nonsense"]])
def test_help_needs_typer_alone(arguments: list[str]) -> None:
    found = loaded(command(*arguments))
    assert roots(found) & HEAVY <= {"typer"}
    assert {name for name in found if name.startswith("centra.cli.")} == {
        "centra.cli.again",
        "centra.cli.commands",
        "centra.cli.output",
        "centra.cli.written",
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_said_of_a_command_is_what_it_says(name: str) -> None:
    module = importlib.import_module(f"centra.cli.{COMMANDS[name].module}")
    assert (inspect.getdoc(getattr(module, name)) or "").splitlines()[0] == COMMANDS[name].summary
    assert all(f"centra {name} " in line for line in COMMANDS[name].examples)


def test_rich_is_for_terminals() -> None:
    code = (
        "from centra.cli.meter import Meter\nwith Meter('work') as meter:\n    meter.show('more')"
    )
    assert "rich" not in loaded(code)


def test_dir_shows_what_is_meant_to_be_used() -> None:
    program = "import centra, json; print(json.dumps([dir(centra), [centra.load, dir(centra)][1]]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    before, after = json.loads(done.stdout)
    assert before == after == sorted({*centra.__all__, "errors", "selection", "sources"})
    assert {"KMeans", "sweep", "plot", "page", "selection", "sources", "events", "errors"} <= {
        *before
    }
    for name in ("page", "plot", "selection", "sources", "tutorial"):
        module = getattr(centra, name)
        assert dir(module) == sorted(module.__all__)
    with pytest.raises(AttributeError, match="module 'centra' has no attribute 'Kmeans'"):
        centra.Kmeans  # noqa: B018


def test_a_model_is_loaded_before_anything_else_is_used(tmp_path: Any) -> None:
    centra.KMeans(2, random_state=0).fit([[0.0], [1.0], [9.0]]).save(tmp_path / "model")
    code = f"import centra; assert len(centra.load({str(tmp_path / 'model')!r}).labels_) == 3"
    loaded(code)


def test_the_command_alone_prints_help(run: Any) -> None:
    code, out, err = run()
    assert (code, err) == (0, "") and "Commands:" in out
    assert run("--help") == (0, out, "") == run("-h")
