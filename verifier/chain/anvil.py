"""Anvil as a managed child process: a local chain on a free port that ends when its owner does."""

import re
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from verifier.chain.artefacts import npm_binary
from verifier.chain.connection import Connection
from verifier.errors import ChainError, MissingTool

_LISTENING = re.compile(r"Listening on 127\.0\.0\.1:(\d+)")
START_SECONDS = 30.0
STOP_SECONDS = 5.0


class Anvil:
    """A local chain: `with Anvil() as anvil: anvil.connection ...`.

    The process is ended by SIGTERM on leaving the block, whatever ended it (exceptions and Ctrl-C as well). Its output
    is drained, so that it never blocks.
    """

    def __init__(self, *, chain_id: int = 31337, binary: Path | None = None) -> None:
        self._chain_id = chain_id
        self._binary = binary
        self._process: subprocess.Popen[str] | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        binary = self._binary or npm_binary("anvil")
        command = [str(binary), "--host", "127.0.0.1", "--port", "0", "--chain-id", str(self._chain_id)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        except OSError as error:
            raise MissingTool(f"{binary} cannot be started ({error.strerror}); run scripts/setup") from None
        try:
            port = self._wait_for_port(self._process)
            self._connection = Connection(f"http://127.0.0.1:{port}")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def connection(self) -> Connection:
        """The connection to the running chain."""
        if self._connection is None:
            raise ChainError("the local chain is not running")
        return self._connection

    @property
    def process_id(self) -> int | None:
        """The child's process id, None once it has ended."""
        return self._process.pid if self._process else None

    def fund(self, address: str, wei: int = 10**21) -> None:
        """Give an address coins for gas."""
        self.connection.request("anvil_setBalance", [address, hex(wei)])

    def advance(self, seconds: int) -> None:
        """Let time pass, and mine a block."""
        self.connection.request("evm_increaseTime", [seconds])
        self.connection.request("evm_mine", [])

    def stop(self) -> None:
        """End the process; does nothing if it has ended."""
        process, self._process, self._connection = self._process, None, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            if process.poll() is None:  # Ctrl-C while waiting
                process.kill()
                process.wait()

    @staticmethod
    def _wait_for_port(process: "subprocess.Popen[str]") -> int:
        output = process.stdout
        assert output is not None
        timer = threading.Timer(START_SECONDS, process.kill)
        timer.daemon = True
        timer.start()
        said: list[str] = []
        try:
            for line in output:
                found = _LISTENING.search(line)
                if found:
                    threading.Thread(target=lambda: [None for _ in output], daemon=True).start()
                    return int(found[1])
                said = [*said[-2:], line.strip()]
        finally:
            timer.cancel()
        raise ChainError(f"anvil did not start: {' '.join(said)[:200] or 'no output'}")
