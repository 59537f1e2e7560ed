"""``python -m benches``: run the benchmark, print a record's table, put it into the README.

``python -m benches hurts``: the same on many small sets of data that hurt.
``python -m benches scale``: rows larger than memory, a cluster, and what grows with the rows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benches import RECORDS, ROOT, environment

COMMANDS = ("run", "hurts", "scale", "table", "readme")


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return the options; `run` need not be said."""
    if not arguments or arguments[0] not in (*COMMANDS, "-h", "--help"):
        arguments = ["run", *arguments]
    parser = argparse.ArgumentParser(prog="python -m benches", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="compare with the other libraries (the default)")
    hurts = commands.add_parser("hurts", help="the same on small sets of data that hurt")
    for command in (run, hurts):
        command.add_argument(
            "--only", action="append", metavar="NAME", help="a row, or a pattern of rows"
        )
        command.add_argument("--rounds", type=int, metavar="N", help="rounds (default: 5)")
        command.add_argument("--quick", action="store_true", help="small sizes: all works")
    scale = commands.add_parser("scale", help="rows in files and on a cluster")
    scale.add_argument("--quick", action="store_true", help="small sizes: all works")
    scale.add_argument("--draw", type=Path, metavar="RECORD", help="only draw docs/cost-*.svg")
    run.add_argument(
        "--records", type=Path, metavar="FOLDER", help="where the record goes; whole runs are kept"
    )
    table = commands.add_parser("table", help="print a record as Markdown")
    readme = commands.add_parser("readme", help="write a record's table into the README")
    for command in (table, readme):
        command.add_argument("record", type=Path)
    readme.add_argument("--readme", type=Path, default=ROOT / "README.md", metavar="FILE")
    options = parser.parse_args(arguments)
    if options.command in ("run", "hurts"):
        if options.rounds is None:
            options.rounds = 1 if options.quick else 5
        if options.rounds < 1:
            parser.error("--rounds must be 1 or more.")
    return options


def run(options: argparse.Namespace) -> int:
    """Run the chosen rows; return the exit code."""
    environment.restart_if_needed()
    # numpy may be imported from here on.
    from benches import bounds, contestants, record, table
    from benches import run as runner
    from benches.cases import chosen
    from benches.oracle import Wrong
    from benches.rows import Absent

    cases = chosen(options.only, options.quick)
    peers, rows, failed = contestants.peers(), [], False
    # Before the measuring, which takes a quarter of an hour: what is not installed fails here.
    versions = runner.versions(peers)
    machine = bounds.measure(options.quick)
    for case in cases:
        say(f"{case.name} ...")
        try:
            rows.append(runner.measure(case, options.rounds, peers))
        except Absent as reason:
            say(f"{case.name}: skipped, {reason}")
        except Wrong as reason:
            say(f"{case.name}: WRONG, not timed: {reason}")
            failed = True
        machine = bounds.higher(machine, bounds.measure(options.quick))
    made = record.made(
        [runner.judged(row, machine) for row in rows],
        rounds=options.rounds,
        quick=options.quick,
        versions=versions,
        machine={"gflops": machine.flops / 1e9, "gb_per_second": machine.bandwidth / 1e9},
    )
    print(table.plain(made))
    if failed:
        say("no record is written: a row was wrong")
        return 1
    # Parts of a run, and small sizes, shall not take the place of a whole run by accident.
    folder = options.records or (None if options.only or options.quick else RECORDS)
    if folder is not None:
        say(f"record: {record.save(made, folder).name}")
    return 0


def hurt(options: argparse.Namespace) -> int:
    """Run the chosen sets that hurt, and print their table; return the exit code."""
    environment.restart_if_needed()
    from benches import contestants, hurts
    from benches import run as runner
    from benches.cases import chosen
    from benches.oracle import Wrong

    peers, rows, failed = contestants.peers(), [], False
    for case in chosen(options.only, options.quick, hurts.CASES):
        say(f"{case.name} ...")
        try:
            rows.append(runner.measure(case, options.rounds, peers, small=True))
        except Wrong as reason:
            say(f"{case.name}: WRONG, not timed: {reason}")
            failed = True
    print(hurts.table(rows))
    return 1 if failed else 0


def scaled(options: argparse.Namespace) -> int:
    """Measure files and a cluster, and print the tables; return the exit code."""
    environment.restart_if_needed()
    from benches import record
    from benches.scale import figure, table
    from benches.scale import run as runner

    if options.draw:
        figure.save(record.load(options.draw), ROOT / "docs")
        return 0
    found = runner.made(options.quick, say)
    print(table.markdown(found))
    if not options.quick:
        say(f"record: {record.save(record.made([], **found), RECORDS / 'scale').name}")
    return 0


def say(text: str) -> None:
    """Tell how the run goes; the table alone is the output."""
    print(text, file=sys.stderr, flush=True)


def show(options: argparse.Namespace) -> int:
    """Print a record's table, or put it into the README; return the exit code."""
    from benches import record, table

    text = table.markdown(record.load(options.record))
    if options.command == "table":
        print(text, end="")
    else:
        table.write_between(options.readme, text)
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask; return the exit code."""
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    try:
        return {"run": run, "hurts": hurt, "scale": scaled}.get(options.command, show)(options)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
