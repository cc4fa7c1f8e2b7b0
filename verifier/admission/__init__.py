"""Admission: which margin programs a verifier takes at all.

A proof shows that a program's requirement is met; these rules make the requirement mean something, whatever
helper values the prover chooses. Each refusal has a stable rule name, and docs/statement.md, part 8, says for
each which attack it stops. A hidden program (blind, unpublished values) cannot be checked and serves only
parties who hold and check it themselves.
"""

from collections.abc import Sequence

from verifier.admission.bounds import check_bounds, check_roll_net, check_shapes
from verifier.admission.places import (
    check_listing,
    check_naked_pairs,
    check_something_measured,
    check_unlisted,
    check_values,
)
from verifier.admission.tails import (
    check_cover,
    check_extra_loss,
    check_tails,
    check_unit,
    check_waivers,
    has_isolated_group,
)
from verifier.errors import AdmissionRefused
from verifier.field import R
from verifier.program import MarginProgram, once
from verifier.tiers import RATIO_BANDS, VAULT_BITS


@once
def admit(program: MarginProgram) -> None:
    """Accept a program, or raise AdmissionRefused(rule, sentence) for the first rule it breaks."""
    check_shapes(program)
    check_listing(program)
    check_bounds(program)
    check_roll_net(program)
    check_unit(program)
    check_tails(program)
    check_waivers(program)
    check_cover(program)
    check_extra_loss(program)
    check_unlisted(program)
    check_naked_pairs(program)
    check_something_measured(program)
    check_values(program)


def allowed_bands(program: MarginProgram) -> tuple[int, ...]:
    """Return the values of ratio_bps that proofs under this program may name.

    Rows of a group that is covered and not free hold no ratio, so that such a program proves ratio one only.
    """
    return RATIO_BANDS[:1] if has_isolated_group(program) else RATIO_BANDS


def check_live(
    program: MarginProgram, ratio_bps: int, vault_balance: int, commitments: Sequence[int], context: int
) -> None:
    """Refuse live inputs that no proof under this program may have (AdmissionRefused).

    vault_balance in money; commitments one an account, in the order of the proof; context as
    `verifier.context` makes it.
    """
    if ratio_bps not in allowed_bands(program):
        allowed = ", ".join(str(band) for band in allowed_bands(program))
        raise AdmissionRefused("ratio-band", f"ratio_bps is not one of the bands of this program ({allowed})")
    if not 0 <= vault_balance < 1 << VAULT_BITS:
        raise AdmissionRefused("vault-balance-bound", f"the vault balance is outside [0, 2^{VAULT_BITS})")
    if len(commitments) != program.tier.accounts:
        raise AdmissionRefused(
            "commitment-count",
            f"the tier {program.tier.name} takes {program.tier.accounts} commitments, not {len(commitments)}",
        )
    if not all(0 <= value < R for value in (*commitments, context)):
        raise AdmissionRefused("live-field", "a commitment or the context is not below the field's order")
    if len(set(commitments)) != len(commitments):
        raise AdmissionRefused("commitment-repeated", "a commitment stands twice, so one book would count twice")
