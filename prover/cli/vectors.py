"""`vectors`: a model held against published cases."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from prover.cli.options import json_option
from prover.cli.output import emit, note
from prover.models.base import registry
from prover.vectors import CaseResult, run_cases, summarise
from verifier.errors import ClaimFalse, UsageError
from verifier.program import Purpose


@click.command()
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--model", "name", required=True, help="Name of the model that the cases are of.")
@json_option
def vectors(file: Path, name: str, as_json: bool) -> None:
    """Hold a model against published cases: expected, model, integer program, and the circuit's verdicts.

    Differences are relative to the largest of |equity|, requirement and 1 USD. Exit code 1: a case is out of tolerance
    (model 1e-9; program 1e-5 and never better for the trader; 1e-6 in 95 % of the cases), or the circuit does not
    accept at the program's own margin and refuse one money unit below.
    """
    models = {key: model for key, model in registry().items() if hasattr(model, "load_cases")}
    if name not in models:
        raise UsageError(f"--model: {name[:40]!r} has no published cases; take one of {', '.join(models)}")
    cases = models[name].load_cases(file)
    steps = run_cases(cases, say=note)
    total = len(cases) * len(Purpose)
    notes = Console(stderr=True)
    results = list(track(steps, "cases", total, console=notes, transient=True, disable=not notes.is_terminal))
    summary = summarise(results)
    emit(
        {
            "cases": [_row(result) for result in results],
            "results": summary.count,
            "worst_model_difference": f"{summary.worst_model_difference:.3e}",
            "worst_program_difference": f"{summary.worst_program_difference:.3e}",
            "share_within_1e-6": f"{summary.share_within_common:.4f}",
            "out_of_tolerance": list(summary.out_of_tolerance),
        },
        as_json,
    )
    if not summary.met:
        first = summary.out_of_tolerance[0] if summary.out_of_tolerance else "the share within 1e-6"
        raise ClaimFalse(f"{len(summary.out_of_tolerance)} results are out of tolerance, the first: {first}")


def _row(result: CaseResult) -> dict[str, Any]:
    return {
        "case": result.case,
        "purpose": "im" if result.purpose is Purpose.INITIAL else "mm",
        "tier": result.tier,
        "expected_usd": _text(result.expected),
        "model_usd": f"{result.model:.9f}",
        "program_usd": _text(result.program),
        "model_difference": f"{result.model_difference:.2e}",
        "program_difference": f"{result.program_difference:.2e}",
        "circuit_at_margin": "accepts" if result.accepts else "REFUSES",
        "circuit_one_unit_below": "refuses" if result.refuses else "ACCEPTS",
    }


def _text(amount: Fraction) -> str:
    return format(Decimal(amount.numerator) / Decimal(amount.denominator), ".9f")
