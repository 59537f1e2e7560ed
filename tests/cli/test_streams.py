"""Standard streams that are closed, broken, full or of another encoding; Ctrl-C at any moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import centra.tutorial
from centra._utils.escapes import encodable, for_terminal
from centra.cli import main

Run = Callable[..., tuple[int, str, str]]

_PROGRAM = "import sys; from _centra import main; sys.exit(main())"
_ROOT = Path(__file__).parents[2]


def child(folder: Path, shell: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which $centra is the program."""
    (folder / "centra").write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{_PROGRAM}' \"$@\"\n")
    (folder / "centra").chmod(0o755)
    (folder / "t.csv").write_text("x,y\n" + "1,2\n3,9\n" * 300)
    env = {**os.environ, **more}
    command = ["sh", "-c", shell.replace("$centra", "./centra")]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, env=env)


@pytest.mark.parametrize(
    ("shell", "code", "message"),
    [
        # Lines for people, and nobody reads: the work is done.
        ("$centra fit t.csv -k 2 -o m >&- && test -s m", 0, b""),
        ("$centra fit t.csv -k 2 -o m 2>&- >&- <&- && test -s m", 0, b""),
        # A result that has nowhere to go.
        (
            "$centra fit t.csv -k 2 -o - >&-",
            1,
            b"centra: error: standard output: is closed, and the result has nowhere else to go\n",
        ),
        (
            "$centra sweep t.csv -k 2:3 --json >&-",
            1,
            b"centra: error: standard output: is closed, and the result has nowhere else to go\n",
        ),
        (
            "$centra fit - --format csv -o m <&-",
            1,
            b"centra: error: standard input is closed; name a file\n",
        ),
        ("$centra fit none.csv -o m 2>&-", 1, b""),
        (
            "$centra fit t.csv -k 2 -o - >/dev/full",
            1,
            b"centra: error: standard output: No space left on device\n",
        ),
        (
            "$centra fit t.csv -k 2 -o m >/dev/full",
            1,
            b"centra: error: standard output: No space left on device\n",
        ),
    ],
)
def test_a_stream_that_is_closed_or_full(
    tmp_path: Path, shell: str, code: int, message: bytes
) -> None:
    if "/dev/full" in shell and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = child(tmp_path, shell)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", message)


@pytest.mark.parametrize(
    "what", ["fit t.csv -k 2 -o m --labels -", "fit t.csv -k 2 -o m", "--help"]
)
def test_a_reader_who_has_gone(tmp_path: Path, what: str) -> None:
    shell = f"{{ sleep 0.1; $centra {what}; echo $? >code; }} | true"
    done = child(tmp_path, f"{{ {shell}; }} 2>err")
    assert done.returncode == 0
    assert (tmp_path / "code").read_text() == "1\n"
    assert (tmp_path / "err").read_bytes() == b""


def test_a_terminal_that_cannot_show_all_characters(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("größe,y\n1,2\n3,4\n", encoding="utf-8")
    shell = "$centra fit u.csv -k 1 -o m"
    (tmp_path / "u.csv").write_text("größe,y\n1,2\n3,4\n", encoding="utf-8")
    done = child(tmp_path, shell, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"columns: gr\\xf6\\xdfe, y\n" in done.stdout


# --- names that no terminal should see as they are ------------------------------------------------


def test_bytes_of_a_name_that_are_not_utf8_are_written_out() -> None:
    assert for_terminal("caf\udce9 \ud800\n") == "caf\\xe9 \\ud800\\n"
    assert encodable("größe \udce9\n") == "größe \\xe9\n"


NASTY = "x\x1b[31m\r\u202e\x9b5m"


def test_names_move_no_cursor(run: Run, fails: Callable[..., str]) -> None:
    rows = "".join(f"{i % 7},{i * i % 11},{i % 3}\x1b]0;\x07\n" for i in range(30))
    Path(f"{NASTY}.csv").write_text(f'"{NASTY}\n\x1b",y,kind\n{rows}', newline="")
    name = f"{NASTY}.csv"
    for arguments in (
        ("fit", name, "-k", 2, "-o", NASTY, "--label", "kind"),
        ("describe", NASTY),
        ("predict", NASTY, name, "-o", "l.csv"),
        ("report", name, "-k", 2, "--label", "3"),
        ("report", name, "-k", 2, "--label", "3", "-o", f"{NASTY}.html"),
        ("sweep", name, "-k", "2:3", "--label", "3"),
    ):
        code, out, err = run(*arguments)
        assert code == 0, err
        for line in (out + err).split("\n"):
            assert line.isprintable(), line
    for arguments in (
        ("fit", name, "-k", 2, "-o", "m", "--columns", "1,2,3"),
        ("fit", f"no{NASTY}.csv", "-o", "m"),
        ("fit", name, "-o", "m", "--columns", f"z{NASTY}"),
        ("predict", NASTY, name, "-o", "l.csv", "--columns", "2"),
        ("describe", name),
        ("tutorial", f"{name}/x"),
    ):
        assert fails(*arguments).isprintable()
    assert fails("fit", name, "-o", "m", "-k", NASTY, code=2).isprintable()


def test_names_that_are_not_utf8(
    tmp_path: Path, run: Run, fails: Callable[..., str], points: object
) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    stem = os.fsdecode(b"caf\xe9")
    try:
        Path(f"{stem}.csv").write_text("x,y\n1,2\n3,5\n2,2\n")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    table = pa.table({"x": [1.0, 3.0, 2.0], "y": [2.0, 5.0, 2.0]})
    parquet.write_table(table, Path("t.parquet"))
    Path("t.parquet").rename(f"{stem}.parquet")
    with pa.ipc.new_file("t.arrow", table.schema) as writer:
        writer.write_table(table)
    Path("t.arrow").rename(f"{stem}.arrow")
    for kind in ("csv", "parquet", "arrow"):
        code, out, err = run("fit", f"{stem}.{kind}", "-k", 2, "-o", f"{stem}.m", "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)["output"] == "caf\\xe9.m"
        json.dumps(json.loads(out), ensure_ascii=False).encode()
        code, out, _ = run("predict", f"{stem}.m", f"{stem}.{kind}", "-o", f"l{stem}.{kind}")
        assert (code, out) == (0, f"lcaf\\xe9.{kind}: 3 labels, 2 of 2 clusters in use\n")
    assert run("report", f"{stem}.csv", "-k", 2, "-o", f"{stem}.html")[0] == 0
    assert fails("fit", f"no{stem}.csv", "-o", "m") == "nocaf\\xe9.csv: No such file or directory"


def test_a_name_for_the_column_of_labels_is_text(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("1,2\n3,4\n")
    more = ("--labels", "l.csv", "--name", os.fsdecode(b"caf\xe9"))
    assert "--name" in fails("fit", "t.csv", "-k", 1, "-o", "m", *more, code=2)


# --- Ctrl-C ---------------------------------------------------------------------------------------

_INTERRUPTED = b"centra: error: interrupted; no output was written\n"

#: Ctrl-C comes when a certain module is being imported.
_AT_IMPORT = """
import os, signal, sys
wanted = sys.argv[1]
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
from _centra import main
sys.argv[1:] = ["fit", "t.csv", "-o", "m"]
sys.exit(main())
"""


@pytest.mark.parametrize(
    "module", ["centra", "numpy", "sklearn.base", "centra.cli.models", "typer"]
)
def test_ctrl_c_while_the_program_starts(tmp_path: Path, module: str) -> None:
    command = [sys.executable, "-c", _AT_IMPORT, module]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", _INTERRUPTED)


def test_ctrl_c_while_the_program_ends(tmp_path: Path) -> None:
    code = """
import os, signal, sys
import centra.cli
from _centra import main
class Late:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
sys.late = Late()
def interrupted():
    raise KeyboardInterrupt
centra.cli.main = interrupted
sys.exit(main())
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_the_command_starts_where_ctrl_c_is_heard() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"centra": "_centra:main"}
    assert project["tool"]["maturin"]["python-packages"] == ["centra", "_centra"]


@pytest.mark.parametrize("when", ["drawing", "writing"])
@pytest.mark.parametrize("folder", ["page", "a/b/page", "."])
def test_an_interrupted_tutorial_leaves_nothing(
    fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch, when: str, folder: str
) -> None:
    Path("other.txt").write_text("kept")

    def run(sources: list[str], workshop: Path) -> list[str]:
        if when == "drawing":
            raise KeyboardInterrupt
        for name in centra.tutorial.figures(centra.tutorial.template_text()):
            (workshop / name).write_bytes(b"<svg/>")
        return [""] * len(sources)

    write_whole, calls = centra.tutorial.write_whole, []

    def write(path: Path) -> object:
        calls.append(path)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write_whole(path)

    monkeypatch.setattr(centra.tutorial, "run", run)
    monkeypatch.setattr(centra.tutorial, "write_whole", write)
    line = fails("tutorial", folder, code=130)
    assert line == "interrupted; no output was written"
    assert len(calls) == (0 if when == "drawing" else 3)
    assert Path("other.txt").read_text() == "kept"


def test_a_tutorial_that_cannot_be_written_is_not_drawn(
    fails: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(centra.tutorial, "run", None)
    Path("file").write_text("")
    assert fails("tutorial", "file/page") == "file: is a file, and a folder is needed"


def test_what_was_written_before_ctrl_c_is_not_denied(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    Path("t.csv").write_text("1,2\n3,4\n")
    monkeypatch.setattr("centra.cli.models.write_labels", interrupt)
    arguments = ("fit", "t.csv", "-k", 1, "-o", "m", "--labels", "l.csv")
    assert run(*arguments) == (
        130,
        "",
        "centra: error: interrupted; written before that: m\n",
    )
    monkeypatch.setattr("centra.cli.sweeps.fit_to", interrupt)
    assert run(*arguments)[2] == "centra: error: interrupted; no output was written\n"
    assert main(["--version"]) == 0
