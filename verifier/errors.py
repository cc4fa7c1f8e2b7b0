# ruff: noqa: N818 (the names say what is wrong; every class here is an error)
"""Every error a user can meet, with the exit code the command line gives it.

One base class, so that callers can catch everything of ours with one clause and a traceback always means a
bug. A message is one sentence: what is wrong, where, and what to do. No message holds a quantity, a salt, an
opening or a witness value (docs/statement.md, privacy rules).
"""


class ZkMarginError(Exception):
    """Base of every error of this project."""

    exit_code = 70


class ClaimFalse(ZkMarginError):
    """The claim does not hold: an invalid proof, or a margin that is not met."""

    exit_code = 1


class WitnessRefused(ClaimFalse):
    """Helper values that the constraint system refuses; `rule` is the constraint family's name."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class UsageError(ZkMarginError):
    """A wrong combination of options or arguments."""

    exit_code = 2


class BadInput(ZkMarginError):
    """A file or a value that cannot be used as it is."""

    exit_code = 3


class AdmissionRefused(BadInput):
    """A margin program breaks a rule of admission; `rule` is the rule's name in docs/statement.md."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class ArtefactMismatch(ZkMarginError):
    """Circuit, key, program, proof or contract do not belong together, or one of them is damaged."""

    exit_code = 4


class ChainError(ZkMarginError):
    """The chain refused or could not be reached; `rule` is the contract's error name where there is one."""

    exit_code = 5

    def __init__(self, message: str, rule: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule


class MissingTool(ZkMarginError):
    """A program that this step needs is not installed."""

    exit_code = 6
