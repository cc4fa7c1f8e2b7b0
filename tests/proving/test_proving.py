"""From a program and an opening to a proof, with the tiers' real keys."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from prover import artefacts
from prover.inputs import flat_inputs
from prover.openings import Identity, Opening, open_commitment
from prover.proving import Claim, check, live_inputs, prove
from tests.builders import Case, random_case
from verifier.errors import AdmissionRefused, ArtefactMismatch, BadInput, ClaimFalse
from verifier.field import R
from verifier.meaning import evaluate
from verifier.tiers import GRID, TIERS, Tier

ACCOUNT = "0x" + "5a" * 20


def met_case(tier: Tier, seed: int = 3) -> Case:
    """Return a case whose margin is met with a vault balance that fits."""
    rng = random.Random(seed)
    while True:
        case = random_case(rng, tier, tail="worst", **({"cover": "free"} if tier.hinges else {}))
        if case is not None and 0 < case.vault_balance < 1 << 88:
            return case


def opened(owner: Identity, case: Case) -> Opening:
    return open_commitment(owner, case.program.listing, case.positions, ACCOUNT, 1)


@pytest.mark.parametrize("tier", TIERS.values(), ids=list(TIERS))
def test_both_engines_accept_a_proof_and_refuse_another_context(tier: Tier, owner: Identity, engines: dict) -> None:
    case = met_case(tier)
    kit = artefacts.load(tier)
    claim = Claim(case.ratio_bps, case.vault_balance, 77)
    bundle = prove(kit, case.program, [opened(owner, case)], claim)
    for engine in engines.values():
        assert engine.verify(kit.verifying_key(), bundle.signals, bundle.proof)
        assert not engine.verify(kit.verifying_key(), (*bundle.signals[:-1], 78), bundle.proof)


def test_the_widest_salt_is_an_input_like_any_other(owner: Identity) -> None:
    case = met_case(GRID)
    opening = replace(opened(owner, case), salt=R - 1)
    helpers = evaluate(case.program, case.positions).helpers
    live = live_inputs([opening], Claim(case.ratio_bps, case.vault_balance, 5))
    inputs = flat_inputs(case.program, live, [opening.positions], [opening.salt], helpers)
    assert opening.salt in inputs
    assert all(0 <= value < R for value in inputs)


def test_one_unit_short_is_refused_by_name(owner: Identity) -> None:
    case = met_case(GRID)
    opening = opened(owner, case)
    check(case.program, [opening], Claim(case.ratio_bps, case.vault_balance, 5))
    with pytest.raises(ClaimFalse, match="margin is not met"):
        check(case.program, [opening], Claim(case.ratio_bps, case.vault_balance - 1, 5))


def test_a_ratio_that_is_no_band_is_refused(owner: Identity) -> None:
    case = met_case(GRID)
    with pytest.raises(AdmissionRefused, match="band"):
        check(case.program, [opened(owner, case)], Claim(10_001, case.vault_balance, 5))


def test_an_opening_of_another_listing_is_refused(owner: Identity) -> None:
    case, other = met_case(GRID), met_case(GRID, seed=9)
    with pytest.raises(ArtefactMismatch, match="another listing"):
        check(case.program, [opened(owner, other)], Claim(case.ratio_bps, case.vault_balance, 5))


def test_a_key_of_another_tier_is_refused(owner: Identity) -> None:
    case = met_case(GRID)
    with pytest.raises(ArtefactMismatch, match="tier"):
        prove(artefacts.load(TIERS["portfolio"]), case.program, [opened(owner, case)], Claim(10_000, 1, 5))


@pytest.mark.parametrize("name", ["proving.zkey", "witness.plan", "verification_key.json", "grid.r1cs"])
def test_a_damaged_artefact_is_refused_before_it_is_used(name: str, tmp_path: Path) -> None:
    kit = artefacts.load(GRID)
    for file in kit.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(ArtefactMismatch, match=f"{name} is not the file its manifest names"):
        artefacts.load(GRID, tmp_path).data(name)


def test_a_folder_of_another_tier_is_refused() -> None:
    with pytest.raises(ArtefactMismatch, match="is of tier portfolio, grid is needed"):
        artefacts.load(GRID, artefacts.tier_folder(TIERS["portfolio"]))


def test_a_manifest_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ArtefactMismatch, match="no manifest"):
        artefacts.load(GRID, tmp_path)


def test_errors_name_no_quantity(owner: Identity) -> None:
    case = met_case(GRID)
    positions = list(case.positions)
    place = next(i for i, slot in enumerate(case.program.listing.places) if slot is not None)
    positions[place] = secret = 140_737_488_355_999
    opening = replace(opened(owner, case), positions=tuple(positions))
    with pytest.raises(BadInput) as caught:
        check(case.program, [opening], Claim(case.ratio_bps, case.vault_balance, 5))
    slot = case.program.listing.places[place]
    assert slot is not None and slot.instrument in str(caught.value)
    assert str(secret) not in str(caught.value)
