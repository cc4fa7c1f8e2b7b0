"""A proof exists at the theoretical minimum and none one unit below: as vault balance and as private cash."""

from decimal import Decimal
from random import Random

import pytest

from prover import _core, artefacts
from prover.inputs import flat_inputs
from prover.minimum.collateral import least_cash, least_vault_balance
from prover.minimum.minimum import Prepared, prepare
from prover.minimum.settings import Settings
from prover.models.base import load_model
from prover.native import NativeEngine, scalars
from prover.openings import Identity, open_commitment
from prover.portfolio import Portfolio
from prover.proving import Claim, live_inputs, prove
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.errors import ClaimFalse
from verifier.meaning import evaluate
from verifier.tiers import GREEKS

D = Decimal
ACCOUNT = "0x" + "5a" * 20
OPTIONS = {"BTC-27MAR26-100000-C": D(-2), "BTC-30JAN26-85000-P": D(1), "ETH-27MAR26-4000-C": D(-30)}
CHOSEN = [
    Settings(),
    Settings(volatility=D("0.8"), confidence=D("0.995")),
    Settings(risk_aversion=D(60), notional=D(50_000)),
]


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.create(tmp_path_factory.mktemp("owner") / "identity")


@pytest.fixture(scope="module")
def kit() -> artefacts.Artefacts:
    return artefacts.load(GREEKS)


def proves(owner: Identity, kit: artefacts.Artefacts, made: Prepared, positions: tuple[int, ...], vault: int) -> bool:
    """Return whether a proof is made; it is then verified, and otherwise the circuit itself has no witness."""
    opening = open_commitment(owner, made.program.listing, positions, ACCOUNT, 1)
    claim = Claim(10_000, vault, 77)
    try:
        bundle = prove(kit, made.program, [opening], claim)
    except ClaimFalse:
        helpers = evaluate(made.program, positions, vault_balance=vault).helpers
        inputs = flat_inputs(made.program, live_inputs([opening], claim), [opening.positions], [opening.salt], helpers)
        with pytest.raises(_core.WitnessError):
            kit.witness_plan().solve(scalars(inputs))
        return False
    assert NativeEngine().verify(kit.verifying_key(), bundle.signals, bundle.proof)
    return True


@pytest.mark.parametrize("chosen", CHOSEN)
def test_as_vault_balance(chosen: Settings, owner: Identity, kit: artefacts.Artefacts) -> None:
    rules = load_model(EXAMPLES / "models" / "greeks.json")
    made = prepare(rules, real_snapshot(), Portfolio("short", OPTIONS, {}), chosen)
    least = least_vault_balance(made.program, made.positions)
    assert least > 0
    assert proves(owner, kit, made, made.positions, least)
    assert not proves(owner, kit, made, made.positions, least - 1)


@pytest.mark.parametrize("seed", range(3))
def test_as_private_cash(seed: int, owner: Identity, kit: artefacts.Artefacts) -> None:
    rng = Random(seed)
    quantities = {name: quantity * rng.randint(-3, 3) for name, quantity in OPTIONS.items()}
    rules = load_model(EXAMPLES / "models" / "greeks.json")
    made = prepare(rules, real_snapshot(), Portfolio("random", quantities | {"BTC-PERPETUAL": D(1)}, {}))
    place = [slot.instrument if slot else "" for slot in made.program.listing.places].index("USD")
    least = least_cash(made.program, made.positions)
    for cash, expected in ((least, True), (least - 1, False)):
        positions = (*made.positions[:place], cash, *made.positions[place + 1 :])
        assert proves(owner, kit, made, positions, 0) is expected
