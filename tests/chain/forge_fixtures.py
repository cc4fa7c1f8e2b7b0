"""Writes contracts/fixtures/<tier>.json: a real registry, epoch and proof for contracts/test/RealProof.t.sol.

The key, program and proof are a real circuit's (build folder); the calls are those that the client makes. Addresses
are fixed beforehand by CREATE2, since proofs name the registry. Run: python -m tests.chain.forge_fixtures
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak
from web3 import Web3

from tests.chain.circuit_prover import CircuitProver
from tests.chain.conftest import BUILD
from tests.chain.scenes import HOUR, new_account, provable_case
from verifier.chain.accounts import Attestation, Claim
from verifier.chain.artefacts import Compiled, compile_registry
from verifier.chain.errors import error_selectors
from verifier.chain.key_literals import blob_init_code
from verifier.context import ZERO_ADDRESS, Action, Context
from verifier.encoding import chunks, program_hash
from verifier.files import write_json_atomic
from verifier.groth16 import prepared_point
from verifier.program import Purpose
from verifier.statement import LiveInputs
from verifier.tiers import GRID, PORTFOLIO, POSITION_BITS, Tier

FOLDER = Path(__file__).resolve().parents[2] / "contracts" / "fixtures"
FACTORY = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""The usual CREATE2 factory: salt, then creation code."""
CHAIN_ID = 31337
START = 1_800_000_000


def created(code: bytes) -> str:
    """Return the address that the factory gives creation code under salt 0."""
    digest = keccak(b"\xff" + bytes.fromhex(FACTORY[2:]) + bytes(32) + keccak(code))
    return Web3.to_checksum_address(digest[12:])


def calldata(contract: Compiled, name: str, *arguments: Any) -> str:
    abi: Any = contract.abi
    return str(Web3().eth.contract(abi=abi).encode_abi(name, list(arguments)))


def fixture(tier: Tier) -> dict[str, Any]:
    """Return a tier's fixture: creation codes, then calls in order with the refusal that each must meet."""
    prover = CircuitProver(tier)
    compiled = compile_registry(prover.key, tier, BUILD)
    registry_abi, token_abi = compiled.registry, compiled.local_token
    authority, custodian, trader = (new_account(number) for number in (1, 2, 3))
    blobs = [blob_init_code(blob) for blob in compiled.points]
    token = created(token_abi.creation_code)
    arguments = encode(
        ["(address,address,address,string)", "address[]"],
        [(authority.address, custodian.address, token, "USD"), [created(blob) for blob in blobs]],
    )
    registry_code = registry_abi.creation_code + arguments
    registry = created(registry_code)

    case = provable_case(tier, 1)
    program, listing = case.program, case.program.listing
    commitment = prover.commit(program, case.positions, 12345)
    point = prepared_point(prover.key, program)
    attestation = Attestation(CHAIN_ID, registry, trader.address, 0, commitment, 1, listing.hash, START + HOUR)
    amount = -(-case.vault_balance // 10**6)
    context = Context(
        CHAIN_ID,
        registry,
        prover.key.hash,
        Purpose.INITIAL,
        Action.STATUS,
        trader.address,
        ZERO_ADDRESS,
        0,
        1,
        1,
        0,
        START + HOUR,
    )
    live = LiveInputs(case.ratio_bps, case.vault_balance, (commitment,), context.element)
    claim = Claim(context, live.ratio_bps, live.vault_balance, prover.prove(program, live))
    selectors = {name: selector for selector, (name, _) in error_selectors(registry_abi.abi).items()}

    calls: list[tuple[str, str, str, str]] = []

    def call(sender: str, name: str, *values: Any, refusal: str = "") -> None:
        data = calldata(registry_abi, name, *values)
        calls.append((sender, registry, data, "0x" + (selectors[refusal].hex() if refusal else "")))

    def submit(changed: Claim, refusal: str = "") -> None:
        words = int(Purpose.INITIAL), 1, point[1], changed.arguments()
        call(authority.address, "submit", *words, refusal=refusal)

    calls.append((trader.address, token, calldata(token_abi, "mint", trader.address, amount), "0x"))
    calls.append((trader.address, token, calldata(token_abi, "approve", registry, amount), "0x"))
    call(trader.address, "deposit", trader.address, amount)
    names = [place.instrument if place else "" for place in listing.places]
    lots = [place.lot_exponent if place else 0 for place in listing.places]
    text = listing.groups, listing.slots, POSITION_BITS, listing.money_exponent, listing.settlement_unit, names, lots
    call(authority.address, "describeListing", *text)
    window = START, START + HOUR, authority.address
    call(authority.address, "openEpoch", 0, 1, program_hash(program), *window)
    for chunk in chunks(program):
        call(authority.address, "appendChunks", 0, 1, [chunk.data])
    signatures = attestation.sign(custodian), attestation.sign(trader)
    call(trader.address, "updateCommitment", attestation.arguments(), *signatures)
    submit(replace(claim, ratio_bps=12_500), "InvalidProof")
    submit(replace(claim, vault_balance=claim.vault_balance - 1), "InvalidProof")
    submit(replace(claim, proof=replace(claim.proof, a=claim.proof.c, c=claim.proof.a)), "InvalidProof")
    submit(replace(claim, context=replace(context, deadline=START + 1)), "InvalidProof")
    submit(claim)
    submit(claim, "NonceMismatch")
    columns = list(zip(*calls, strict=True))
    return {
        "time": START,
        "creations": ["0x" + code.hex() for code in (token_abi.creation_code, *blobs, registry_code)],
        "registry": registry,
        "trader": trader.address,
        "senders": columns[0],
        "targets": columns[1],
        "data": columns[2],
        "refusals": columns[3],
    }


def main() -> None:
    """Write every tier's fixture."""
    FOLDER.mkdir(exist_ok=True)
    for tier in (GRID, PORTFOLIO):
        value = json.loads(json.dumps(fixture(tier)))
        write_json_atomic(FOLDER / f"{tier.name}.json", value)


if __name__ == "__main__":
    main()
