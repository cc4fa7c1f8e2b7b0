"""Write tests/vectors/statement: `python -m tests.verifier.statement_vectors` (format: the README beside the
cases).

The cases are made by the reference; what makes them a test is that other implementations run them, and that a
change of the reference shows in the diff.
"""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import Random
from typing import Any

from tests.builders import any_isolated, exact_vault, random_positions, random_program
from verifier.commitment import commit
from verifier.context import ZERO_ADDRESS, Action, Context
from verifier.encoding import program_hash
from verifier.files import write_json_atomic
from verifier.meaning import Meaning, evaluate
from verifier.program import MarginProgram, Purpose
from verifier.program_file import save_program
from verifier.tiers import GREEKS, GRID, MATRIX, PORTFOLIO, STANDARD, VENUE, Tier

ROOT = Path(__file__).parents[1] / "vectors/statement"


@dataclass(frozen=True)
class Recipe:
    """How a case is made: `short_by` money units below the exact vault balance."""

    tier: Tier
    seed: int
    features: dict[str, Any] = field(default_factory=dict)
    short_by: int = 0
    edge: bool = False


RECIPES = {
    "grid_worst_of_met_exactly": Recipe(GRID, 1, {"tail": "worst"}),
    "grid_worst_of_one_unit_short": Recipe(GRID, 1, {"tail": "worst"}, short_by=1),
    "grid_expected_shortfall": Recipe(GRID, 2, {"tail": "shortfall"}),
    "grid_value_at_risk": Recipe(GRID, 3, {"tail": "value-at-risk"}),
    "grid_no_tail": Recipe(GRID, 4, {"tail": "none"}),
    "grid_widest": Recipe(GRID, 5, {"tail": "worst", "extreme": True}, edge=True),
    "greeks_sixteen_factors": Recipe(GREEKS, 13, {"tail": "worst"}),
    "greeks_widest": Recipe(GREEKS, 14, {"tail": "worst", "extreme": True}, edge=True),
    "matrix_worst_of": Recipe(MATRIX, 11, {"tail": "worst", "cover": "none"}),
    "standard_picked_levels": Recipe(STANDARD, 12, {"tail": "none", "cover": "free"}),
    "venue_worst_of_one_unit_short": Recipe(VENUE, 15, {"tail": "worst", "fill": 0.05}, short_by=1),
    "venue_two_tails": Recipe(VENUE, 16, {"tail": "two", "fill": 0.05}),
    "portfolio_two_tails": Recipe(PORTFOLIO, 6, {"tail": "two", "cover": "none"}),
    "portfolio_free_cover": Recipe(PORTFOLIO, 7, {"tail": "worst", "cover": "free"}),
    "portfolio_isolated": Recipe(PORTFOLIO, 8, {"tail": "none", "cover": "isolated"}),
    "portfolio_mixed_cover_one_unit_short": Recipe(PORTFOLIO, 9, {"tail": "two", "cover": "mixed"}, short_by=1),
    "portfolio_widest": Recipe(PORTFOLIO, 10, {"tail": "worst", "cover": "free", "extreme": True}, edge=True),
}


def text(value: Any) -> Any:
    """Return a figure with every integer as a decimal string."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return str(value)
    return [text(entry) for entry in value]


def expected_figures(meaning: Meaning) -> dict[str, Any]:
    """Return every figure of a meaning by name."""
    out = {part.name: text(getattr(meaning.measures, part.name)) for part in fields(meaning.measures)}
    out |= {part.name: text(getattr(meaning.helpers, part.name)) for part in fields(meaning.helpers)}
    names = [part.name for part in fields(meaning) if part.name not in ("measures", "helpers")]
    return out | {name: text(getattr(meaning, name)) for name in names}


def make_case(recipe: Recipe) -> tuple[MarginProgram, dict[str, Any], dict[str, Any]]:
    """Return program, inputs and expected figures."""
    rng = Random(recipe.seed)
    program = replace(random_program(rng, recipe.tier, **recipe.features), purpose=Purpose(recipe.seed % 2))
    positions = random_positions(rng, program, edge=recipe.edge)
    ratio = 10_000 if any_isolated(program) else rng.choice([10_000, 12_500, 15_000, 20_000])
    vault = max(0, (exact_vault(program, positions, ratio) or 0) - recipe.short_by)
    salt = rng.getrandbits(253)
    context = Context(
        chain_id=31337,
        registry="0x" + rng.randbytes(20).hex(),
        verifying_key_hash=rng.randbytes(32),
        purpose=program.purpose,
        action=Action.STATUS,
        account="0x" + rng.randbytes(20).hex(),
        recipient=ZERO_ADDRESS,
        amount=0,
        epoch=rng.randrange(1, 100),
        sequence=rng.randrange(100),
        nonce=rng.randrange(100),
        deadline=1_800_000_000,
    )
    inputs = {
        "format": "zkmargin.vectors.statement",
        "version": 1,
        "positions": text(positions),
        "salt": str(salt),
        "ratio_bps": ratio,
        "vault_balance": str(vault),
        "context": {
            "chain_id": context.chain_id,
            "registry": context.registry,
            "verifying_key_hash": "0x" + context.verifying_key_hash.hex(),
            "purpose": int(context.purpose),
            "action": int(context.action),
            "account": context.account,
            "recipient": context.recipient,
            "amount": str(context.amount),
            "epoch": context.epoch,
            "sequence": context.sequence,
            "nonce": context.nonce,
            "deadline": context.deadline,
        },
    }
    expected = {
        "listing_hash": str(program.listing.hash),
        "program_hash": "0x" + program_hash(program).hex(),
        "commitment": str(commit(program.listing, positions, salt)),
        "context": str(context.element),
    }
    meaning = evaluate(program, positions, ratio_bps=ratio, vault_balance=vault)
    return program, inputs, expected | expected_figures(meaning)


def main() -> None:
    """Write every case."""
    for name, recipe in RECIPES.items():
        folder = ROOT / name
        folder.mkdir(parents=True, exist_ok=True)
        program, inputs, expected = make_case(recipe)
        save_program(folder / "program.json", program)
        write_json_atomic(folder / "inputs.json", inputs)
        write_json_atomic(folder / "expected.json", expected)


if __name__ == "__main__":
    main()
