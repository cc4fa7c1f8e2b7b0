"""The command in a process of its own, forked from one that has imported everything already: importing web3 takes
longer than most verbs.

What a new interpreter does is for the tests that start one (tests/cli/test_interruptions.py, tests/docs).
"""

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from prover.cli.main import main

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.e2e.preloaded"])


def _environment() -> dict[str, str]:
    """Return the variables, but for those that pytest and Ray set for themselves."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "RAY_", "PYTHONBREAKPOINT"))
    }


_AT_FIRST = _environment()


def is_possible() -> bool:
    """Return whether the environment is still that of the process to fork from."""
    return _environment() == _AT_FIRST


def run(arguments: Sequence[str], cwd: Path) -> tuple[int, str, str]:
    """Run the command; return its exit code, standard output and standard error."""
    with TemporaryDirectory() as folder:
        streams = Path(folder, "out"), Path(folder, "err")
        child = _CONTEXT.Process(target=_command, args=(arguments, cwd, streams))
        child.start()
        child.join()
        assert child.exitcode is not None
        code, (out, err) = child.exitcode, (stream.read_text() for stream in streams)
        child.close()
    return code, out, err


def _command(arguments: Sequence[str], cwd: Path, streams: tuple[Path, Path]) -> None:
    os.chdir(cwd)
    for number, path in enumerate(streams, start=1):
        stream = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(stream, number)
        os.close(stream)
    main(arguments)
