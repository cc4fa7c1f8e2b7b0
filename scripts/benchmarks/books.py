"""What is proven: dense books of each tier whose margin is just met, and their files for the peers.

A tier of one group is held in all its places, one of several groups in four of five; every place is listed and every
entry of the program is drawn at random. Several accounts under one program are proven in turn.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from struct import pack_into, unpack_from
from typing import Any

from prover import _core, artefacts
from prover.artefacts import Artefacts
from prover.circom import compile_named
from prover.inputs import flat_inputs, named_inputs
from prover.native import scalars
from prover.openings import Opening
from prover.proving import Claim, live_inputs
from scripts.benchmarks.machine import ROOT
from tests.builders import exact_vault, random_program
from verifier.commitment import commit
from verifier.files import write_bytes_atomic
from verifier.groth16.keys import parse_key
from verifier.meaning import Helpers, evaluate
from verifier.program import MarginProgram
from verifier.tiers import SALT_BITS, TIERS, Tier

FOLDER = ROOT / "build" / "bench"
ACCOUNTS = 4
HELD = 0.8
LOT_BITS = 26
"""Positions of up to 67 contracts, in lots of 1e-6."""
CONTEXT = 77
ROW_POINTS = 0x7A6B0002
"""The section of a .zkey that is ours."""


@dataclass(frozen=True)
class Held:
    """One account's book with the claim that its margin is met."""

    opening: Opening
    claim: Claim
    helpers: Helpers


@dataclass(frozen=True)
class Books:
    """Accounts under one program."""

    program: MarginProgram
    accounts: tuple[Held, ...]

    def inputs(self, account: Held) -> list[int]:
        """Return the circuit's inputs for one account."""
        live = live_inputs([account.opening], account.claim)
        opening = account.opening
        return flat_inputs(self.program, live, [opening.positions], [opening.salt], account.helpers)


@cache
def books(name: str, count: int = ACCOUNTS) -> Books:
    """Return the books of a tier, the same in every process."""
    tier, rng = TIERS[name], Random(f"zkmargin bench {name}")
    program = random_program(rng, tier, tail="worst", fill=1.0, **({"cover": "free"} if tier.hinges else {}))
    accounts: list[Held] = []
    while len(accounts) < count:
        positions = _dense(rng, tier)
        vault = exact_vault(program, positions)
        if vault is not None:
            accounts.append(_held(rng, program, positions, vault, len(accounts)))
    return Books(program, tuple(accounts))


def _dense(rng: Random, tier: Tier) -> tuple[int, ...]:
    """Return positions in all places, or in four of five where there are several groups."""
    kept = tier.positions if tier.groups == 1 else round(HELD * tier.positions)
    places = set(rng.sample(range(tier.positions), kept))

    def lots() -> int:
        return rng.choice((-1, 1)) * rng.randint(1, 1 << LOT_BITS)

    return tuple(lots() if place in places else 0 for place in range(tier.positions))


def _held(rng: Random, program: MarginProgram, positions: tuple[int, ...], vault: int, number: int) -> Held:
    salt, listing = rng.getrandbits(SALT_BITS), program.listing
    opening = Opening(f"0x{number + 1:040x}", 1, listing.hash, commit(listing, positions, salt), positions, salt)
    return Held(opening, Claim(10_000, vault, CONTEXT), evaluate(program, positions, vault_balance=vault).helpers)


@dataclass(frozen=True)
class Files:
    """A tier's artefacts, and its accounts as circom and snarkjs take them."""

    kit: Artefacts[Tier]
    wasm: Path
    inputs: tuple[Path, ...]
    witnesses: tuple[Path, ...]

    @property
    def zkey(self) -> Path:
        return self.kit.path("proving.zkey")

    @property
    def r1cs(self) -> Path:
        return self.kit.path(f"{self.kit.layout.name}.r1cs")

    @property
    def ceremony_zkey(self) -> Path:
        """A key of the circuit as ceremonies make them with snarkjs: a row for each public wire, no section of ours."""
        name = self.kit.layout.name
        path = FOLDER / name / f"ceremony-{self.kit.manifest.files[f'{name}.r1cs'][:16]}.zkey"
        if not path.exists():
            write_bytes_atomic(path, _without(ROW_POINTS, _core.setup(self.kit.circuit(), all_public_rows=True)))
        return path


def _without(last: int, zkey: bytes) -> bytes:
    """Return the file without its last section, which is of this type."""
    (count,) = unpack_from("<I", zkey, 8)
    start = at = 12
    for _ in range(count):
        kind, length = unpack_from("<IQ", zkey, at)
        start, at = at, at + 12 + length
    if kind != last:
        raise ValueError(f"the last section is {kind}")
    shorter = bytearray(zkey[:start])
    pack_into("<I", shorter, 8, count - 1)
    return bytes(shorter)


@cache
def files(name: str, count: int = ACCOUNTS) -> Files:
    """Make a tier's artefacts unless they are current, and write its accounts' inputs and witnesses."""
    kit = artefacts.build(TIERS[name])
    plan, made = kit.witness_plan(), books(name, count)
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    inputs, witnesses = [], []
    for number, account in enumerate(made.accounts):
        flat = made.inputs(account)
        inputs.append(folder / f"account-{number}.json")
        witnesses.append(folder / f"account-{number}.wtns")
        inputs[-1].write_text(json.dumps(_decimal(named_inputs(TIERS[name], flat))))
        witnesses[-1].write_bytes(plan.solve(scalars(flat)))
    return Files(kit, compile_named(name).wasm, tuple(inputs), tuple(witnesses))


def copied(name: str, label: str) -> Path:
    """Return a folder with a tier's artefacts (links to them) that keeps tables of its own."""
    kit, folder = files(name).kit, FOLDER / label / name
    folder.mkdir(parents=True, exist_ok=True)
    for source in ("manifest.json", *kit.manifest.files):
        link = folder / source
        link.unlink(missing_ok=True)
        link.symlink_to(kit.path(source))
    return folder


def with_ceremony_key(name: str) -> Path:
    """Return a folder with a tier's artefacts, but a key as ceremonies make them."""
    made, folder = files(name), copied(name, "ceremony")
    zkey = made.ceremony_zkey.read_bytes()
    key = _core.verification_key_json(zkey)
    for old in ("proving.zkey", "verification_key.json", "manifest.json"):
        (folder / old).unlink()
    (folder / "proving.zkey").symlink_to(made.ceremony_zkey)
    (folder / "verification_key.json").write_text(key)
    hashes = {
        "proving.zkey": hashlib.sha256(zkey).hexdigest(),
        "verification_key.json": hashlib.sha256(key.encode()).hexdigest(),
    }
    manifest = replace(
        made.kit.manifest,
        verifying_key_hash=f"0x{parse_key(json.loads(key), 'the key').hash.hex()}",
        files=made.kit.manifest.files | hashes,
    )
    (folder / "manifest.json").write_text(json.dumps(manifest.to_json()))
    return folder


def _decimal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _decimal(item) for name, item in value.items()}
    return [_decimal(item) for item in value] if isinstance(value, list) else str(value)
