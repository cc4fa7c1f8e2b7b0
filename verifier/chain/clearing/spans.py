"""The steps of a clearing house as spans: what books go through between two of them."""

from typing import Any, cast

from verifier.chain.clearing.house import House
from verifier.chain.connection import checksum
from verifier.conservation import Span
from verifier.errors import ArtefactMismatch, BadInput
from verifier.keccak import keccak
from verifier.listing import Listing


def span_between(house: House, first: int, last: int, listing: Listing, next_listing: Listing | None = None) -> Span:
    """Return the span first..last, read from the contract's events.

    `listing`: the one that books have at `first`; `next_listing`: the new one, where the span is a relisting.
    ArtefactMismatch where a listing is not the contract's; BadInput where the steps are no span.
    """
    _check(house, first, listing)
    if first == last:
        return Span.of_accruals(listing)
    accruals, relistings = _steps(house, first + 1, last)
    if not relistings:
        if len(accruals) != last - first:
            raise ArtefactMismatch("the node does not show all steps of the clearing house; ask a full node")
        return Span.of_accruals(listing, *accruals)
    if last != first + 1:
        raise BadInput(f"the book moves to another listing on the way: settle to step {_end(relistings, first)} first")
    if next_listing is None:
        raise BadInput("the step is a relisting: give the new listing too (a program made under it)")
    _check(house, last, next_listing)
    keep, prices = relistings[last]
    return Span.of_relisting(listing, next_listing, [int(kept) for kept in keep], prices)


def _end(relistings: dict[int, Any], first: int) -> int:
    relisting = min(relistings)
    return relisting if relisting == first + 1 else relisting - 1


def _check(house: House, step: int, listing: Listing) -> None:
    if house.read_steps("listingAt", step) != listing.hash:
        raise ArtefactMismatch(f"the listing given is not the one of step {step}; give a program made under it")


def _steps(house: House, first: int, last: int) -> tuple[list[list[int]], dict[int, tuple[list[bool], list[int]]]]:
    """Return the accruals in order, and keep and prices of each relisting."""
    contract = house.connection.web3.eth.contract(
        address=checksum(house.steps), abi=cast(Any, house.steps_contract.abi)
    )
    accruals: dict[int, list[int]] = {}
    relistings: dict[int, tuple[list[bool], list[int]]] = {}
    accrued, relisted = keccak(b"Accrued(uint40,int64[])"), keccak(b"Relisted(uint40,uint256,bool[],int64[])")
    topics = [["0x" + accrued.hex(), "0x" + relisted.hex()]]
    wanted = {"address": checksum(house.steps), "fromBlock": "0x0", "toBlock": "latest", "topics": topics}
    for log in house.connection.logs(wanted):
        if bytes(log["topics"][0]) == accrued:
            values = contract.events.Accrued().process_log(log)["args"]
            accruals[values["step"]] = list(values["accruals"])
        else:
            values = contract.events.Relisted().process_log(log)["args"]
            relistings[values["step"]] = (list(values["keep"]), list(values["accruals"]))
    inside = range(first, last + 1)
    return [accruals[k] for k in inside if k in accruals], {k: v for k, v in relistings.items() if k in inside}
