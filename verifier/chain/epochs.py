"""Epochs: publishing a program, and checking the prepared point that the contract made of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from verifier.admission import admit
from verifier.chain.connection import Transaction
from verifier.chain.registry import Registry
from verifier.encoding import chunks, program_hash
from verifier.errors import ArtefactMismatch
from verifier.field import Q
from verifier.groth16 import Engine, ReferenceEngine
from verifier.groth16.curve import G1
from verifier.program import MarginProgram, Purpose
from verifier.tiers import POSITION_BITS

BATCH_BYTES = 12_000
"""Chunks travel together up to this size: two full ones would come near a transaction's gas."""


@dataclass(frozen=True)
class Epoch:
    """A sealed epoch as the contract holds it. Times are Unix seconds."""

    number: int
    purpose: Purpose
    program_hash: bytes
    listing_hash: int
    point: G1
    ratio_one_only: bool
    """A group is covered and not free: only ratio_bps = 10000 is accepted."""
    valid_from: int
    valid_until: int
    vault_scale: int
    """Money units in one smallest unit of the vault's token; 0: proofs must name no vault balance."""


@dataclass(frozen=True)
class PublishedEpoch:
    """An epoch that was just published, its point compared with the program's."""

    epoch: Epoch
    transactions: tuple[Transaction, ...]

    @property
    def gas_used(self) -> int:
        return sum(transaction.gas_used for transaction in self.transactions)


def publish(
    registry: Registry,
    program: MarginProgram,
    number: int,
    *,
    valid_from: int,
    valid_until: int,
    authority: LocalAccount,
    publisher: LocalAccount | None = None,
    engine: Engine | None = None,
) -> PublishedEpoch:
    """Publish a program as epoch `number` of its purpose.

    The authority names program, window and publisher; the publisher (default: the authority) delivers the chunks.
    Refuses a program that admission refuses, and an epoch whose point is not the program's own: nothing may go on
    from there, since proofs under it could be forged.
    """
    admit(program)
    _check_tier(registry, program)
    publisher = publisher or authority
    purpose = int(program.purpose)
    sent = []
    if registry.read("vaultScaleOf", program.listing.hash) == 0:
        sent.append(describe_listing(registry, program, publisher))
    window = valid_from, valid_until, publisher.address
    arguments = purpose, number, program_hash(program), *window
    sent.append(registry.send(authority, "opening the epoch", "openEpoch", *arguments))
    for batch in _batches(program):
        arguments_of_chunk = purpose, number, batch
        sent.append(registry.send(publisher, "delivering the program", "appendChunks", *arguments_of_chunk))
    epoch = check_epoch(registry, program, number, engine)
    return PublishedEpoch(epoch, tuple(sent))


def check_epoch(registry: Registry, program: MarginProgram, number: int, engine: Engine | None = None) -> Epoch:
    """Return a sealed epoch after comparing it with a program; raises ArtefactMismatch where they differ."""
    _check_tier(registry, program)
    epoch = read_epoch(registry, program.purpose, number)
    if epoch is None:
        raise ArtefactMismatch(f"epoch {number} of the registry is not sealed")
    if epoch.program_hash != program_hash(program) or epoch.listing_hash != program.listing.hash:
        raise ArtefactMismatch(f"epoch {number} of the registry is of another program")
    if epoch.point != (engine or ReferenceEngine()).prepared_point(registry.key, program):
        raise ArtefactMismatch(
            f"the prepared point of epoch {number} is not the program's; proofs under it could be forged"
        )
    return epoch


def read_epoch(registry: Registry, purpose: Purpose, number: int) -> Epoch | None:
    """Return a sealed epoch, None if there is none of this number."""
    values = registry.read("epoch", int(purpose), number)
    hash_, listing_hash, word, valid_from, valid_until, scale = values
    if word == 0:
        return None
    return Epoch(
        number=number,
        purpose=purpose,
        program_hash=bytes(hash_),
        listing_hash=listing_hash,
        point=unpack_point(word),
        ratio_one_only=bool(word >> 254 & 1),
        valid_from=valid_from,
        valid_until=valid_until,
        vault_scale=scale,
    )


def newest_epoch(registry: Registry, purpose: Purpose) -> Epoch | None:
    """Return the newest sealed epoch of a purpose, the only one that proofs are accepted against."""
    number = registry.read("newestEpoch", int(purpose))
    return read_epoch(registry, purpose, number) if number else None


def describe_listing(registry: Registry, program: MarginProgram, signer: LocalAccount) -> Transaction:
    """Show the contract a listing's text, so that it knows whether and how the vault counts under it."""
    listing = program.listing
    return registry.send(
        signer,
        "describing the listing",
        "describeListing",
        listing.groups,
        listing.slots,
        POSITION_BITS,
        listing.money_exponent,
        listing.settlement_unit,
        [place.instrument if place else "" for place in listing.places],
        [place.lot_exponent if place else 0 for place in listing.places],
    )


def unpack_point(word: int) -> G1:
    """Return the point of a stored word: x, and the parity of y in bit 255."""
    x = word & (1 << 254) - 1
    square = (x * x * x + 3) % Q
    y = pow(square, (Q + 1) // 4, Q)  # Q = 3 mod 4
    if y * y % Q != square:
        raise ArtefactMismatch("the stored prepared point is no point of the curve")
    return x, y if y & 1 == word >> 255 else Q - y


def _batches(program: MarginProgram) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for chunk in chunks(program):
        if batch and sum(map(len, batch)) + len(chunk.data) > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(chunk.data)
    yield batch


def _check_tier(registry: Registry, program: MarginProgram) -> None:
    if program.tier != registry.tier:
        raise ArtefactMismatch(
            f"the program is of tier {program.tier.name}, the registry's key of tier {registry.tier.name}"
        )
