"""Published cases of a model: expected figure, model, integer program and circuit, side by side.

For each case and purpose: the margin (equity less requirement) as published, by the model in floating point and by
the integer program with its rounding charge; then the circuit itself, at the program's own margin and one money unit
below it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from prover import _core, artefacts
from prover.compile import Layout, round_draft
from prover.inputs import flat_inputs
from prover.models.base import SETTLEMENT_UNIT, TierTooSmall, VectorCase
from prover.models.evaluate import evaluate_draft
from prover.native import scalars
from verifier.admission import admit
from verifier.commitment import POSITION_LIMIT, commit
from verifier.errors import AdmissionRefused, BadInput
from verifier.meaning import BPS, evaluate
from verifier.program import MarginProgram, Purpose
from verifier.statement import LiveInputs
from verifier.tiers import GENERAL, Tier

MODEL_TOLERANCE = 1e-9
PROGRAM_TOLERANCE = 1e-5
"""Of every case."""
COMMON_TOLERANCE = 1e-6
"""Of COMMON_SHARE of the cases."""
COMMON_SHARE = 0.95
_SALT = 1
_MOST_STEPS = 64


@dataclass(frozen=True)
class CaseResult:
    """One case under one purpose. Amounts in USD; differences relative to max(|equity|, requirement, 1 USD)."""

    case: str
    purpose: Purpose
    tier: str
    expected: Fraction
    model: float
    program: Fraction
    model_difference: float
    """|model - expected|."""
    program_difference: float
    """expected - program: negative where the program is better for the trader."""
    accepts: bool
    """The circuit takes the book at the program's own margin."""
    refuses: bool
    """One money unit below it, it does not."""

    @property
    def within(self) -> bool:
        """Whether every rule for a single case holds."""
        exact = self.model_difference <= MODEL_TOLERANCE and self.program_difference >= -MODEL_TOLERANCE
        return exact and self.program_difference <= PROGRAM_TOLERANCE and self.accepts and self.refuses


@dataclass(frozen=True)
class VectorSummary:
    """Worst figures over all results."""

    count: int
    out_of_tolerance: tuple[str, ...]
    worst_model_difference: float
    worst_program_difference: float
    share_within_common: float

    @property
    def met(self) -> bool:
        return not self.out_of_tolerance and self.share_within_common >= COMMON_SHARE


def run_cases(cases: Sequence[VectorCase], *, say: Callable[[str], None] = lambda _: None) -> Iterator[CaseResult]:
    """Yield the result of each case, initial margin first. Raises TierTooSmall for a book that fits no tier."""
    keys: dict[str, _core.WitnessPlan] = {}
    for case in cases:
        tier = tier_of(case)
        if tier.name not in keys:
            say(f"{tier.name}: loading the circuit")
            keys[tier.name] = artefacts.load(tier).witness_plan()
        for purpose in Purpose:
            yield run_case(case, tier, purpose, keys[tier.name])


def tier_of(case: VectorCase) -> Tier:
    """Return the smallest tier that holds a case; raises TierTooSmall naming the largest where none does."""
    refusal: TierTooSmall | None = None
    for tier in GENERAL:
        try:
            case.listing(tier)
        except TierTooSmall as error:
            refusal = error
        else:
            return tier
    assert refusal is not None
    raise TierTooSmall(f"case {case.name}: {refusal}")


def run_case(case: VectorCase, tier: Tier, purpose: Purpose, plan: _core.WitnessPlan) -> CaseResult:
    """Return one case's figures and the circuit's verdicts."""
    listing = case.listing(tier)
    draft = case.draft(listing, tier, purpose)
    program = round_draft(case.model, "1970-01-01T00:00:00Z", Layout(tier, listing), purpose, draft, charge=True)
    try:
        admit(program)
    except AdmissionRefused as error:
        raise BadInput(f"case {case.name}: its numbers do not make a program: {error}") from None
    held = [
        case.holdings.get(slot.instrument, Fraction(0)) / Fraction(10) ** slot.lot_exponent if slot else Fraction(0)
        for slot in listing.places
    ]
    book = [
        lots.numerator // lots.denominator if slot and slot.instrument == SETTLEMENT_UNIT else round(lots)
        for slot, lots in zip(listing.places, held, strict=True)
    ]
    money = Fraction(10) ** listing.money_exponent
    model = evaluate_draft(draft, tier, [float(lots) for lots in held])
    meaning = evaluate(program, book)
    margin = (meaning.equity - Fraction(meaning.requirement, program.unit)) * money
    expected = Fraction(case.expected[purpose])
    size = max(abs(model.equity) * float(money), model.requirement * float(money), 1.0)
    modelled = (model.equity - model.requirement) * float(money)
    accepts, refuses = circuit_verdicts(program, book, plan)
    return CaseResult(
        case=case.name,
        purpose=purpose,
        tier=tier.name,
        expected=expected,
        model=modelled,
        program=margin,
        model_difference=abs(modelled - float(expected)) / size,
        program_difference=float(expected - margin) / size,
        accepts=accepts,
        refuses=refuses,
    )


def circuit_verdicts(program: MarginProgram, book: Sequence[int], plan: _core.WitnessPlan) -> tuple[bool, bool]:
    """Return whether the circuit accepts at the program's own margin, and refuses one money unit below.

    Cash is reduced until equity falls short by less than a lot; a vault balance makes up for the rest to the unit.
    """
    lots = list(book)
    place = program.listing.index(SETTLEMENT_UNIT)
    assert place is not None
    worth = BPS * program.unit * program.equity[place]
    short = evaluate(program, lots)
    for _ in range(_MOST_STEPS):  # one step, or a few where cash itself has a margin
        lots[place] -= short.surplus // worth + 1
        if not -POSITION_LIMIT <= lots[place] < POSITION_LIMIT:
            raise BadInput("a case's margin is larger than the cash that one position can hold")
        short = evaluate(program, lots)
        if short.surplus < 0:
            break
    vault = -(short.surplus // (BPS * program.unit))
    commitment = commit(program.listing, lots, _SALT)

    def accepted(balance: int) -> bool:
        live = LiveInputs(BPS, balance, (commitment,), 0)
        inputs = flat_inputs(program, live, [lots], [_SALT], short.helpers)
        try:
            plan.solve(scalars(inputs))
        except _core.WitnessError:
            return False
        return True

    return accepted(vault), not accepted(vault - 1)


def summarise(results: Sequence[CaseResult]) -> VectorSummary:
    """Return the worst of all results."""
    common = sum(abs(result.program_difference) <= COMMON_TOLERANCE for result in results)
    return VectorSummary(
        count=len(results),
        out_of_tolerance=tuple(f"{r.case} {r.purpose.name.lower()}" for r in results if not r.within),
        worst_model_difference=max(result.model_difference for result in results),
        worst_program_difference=max((result.program_difference for result in results), key=abs),
        share_within_common=common / len(results),
    )
