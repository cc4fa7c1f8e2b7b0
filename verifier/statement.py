"""The public signals of a proof: the program's prepared values first, then the live inputs.

docs/statement.md, part 3. Signed integers become field elements here and nowhere else.
"""

from dataclasses import dataclass

from verifier.admission import check_live
from verifier.errors import BadInput
from verifier.field import R
from verifier.program import MarginProgram, once
from verifier.tiers import fold


@dataclass(frozen=True)
class LiveInputs:
    """The public inputs that belong to one proof.

    ratio_bps: one of the program's bands; vault_balance: money, not above what the vault holds; commitments:
    one an account; context: field element of `verifier.context`.
    """

    ratio_bps: int
    vault_balance: int
    commitments: tuple[int, ...]
    context: int

    def signals(self) -> tuple[int, ...]:
        """Return the live signals in order."""
        return (self.ratio_bps, self.vault_balance, *self.commitments, self.context)


@once
def prepared_signals(program: MarginProgram) -> tuple[int, ...]:
    """Return the prepared signals as field elements in [0, R); refuses a program entry |v| >= R (BadInput)."""
    values = program.prepared_values()
    if not all(-R < value < R for value in values):
        raise BadInput("a program entry does not fit the field; admission refuses such a program")
    return tuple(signal % R for signal in fold(program.tier.sections, values))


def public_signals(program: MarginProgram, live: LiveInputs) -> tuple[int, ...]:
    """Return all public signals in [0, R), in the order of the circuit.

    Refuses live inputs that no proof may have.
    """
    check_live(program, live.ratio_bps, live.vault_balance, live.commitments, live.context)
    return prepared_signals(program) + live.signals()
