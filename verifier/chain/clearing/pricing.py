"""What tranches cost: the arithmetic of contracts/src/clearing/AuctionMath.sol, for takers (docs/clearing.md, 8)."""

from dataclasses import dataclass

from verifier.chain.clearing.house import AuctionState
from verifier.chain.clearing.parameters import Parameters

BPS = 10_000
FIRST_PRICE = 9_800
SLOW_PRICE = 8_000


def price_bps(elapsed: int, fast: int, slow: int) -> int:
    """Return the price in bps of the account's equity, `elapsed` seconds after the start; 0 when it is over."""
    if elapsed < fast:
        return FIRST_PRICE - (FIRST_PRICE - SLOW_PRICE) * elapsed // fast
    elapsed -= fast
    return 0 if elapsed >= slow else SLOW_PRICE - SLOW_PRICE * elapsed // slow


@dataclass(frozen=True)
class TrancheTerms:
    """What one tranche moves, token units: from the account's balance, from the taker, from the fund, as premium."""

    share: int
    payment: int
    deficit: int
    premium: int


def tranche_terms(
    auction: AuctionState, balance: int, scale: int, now: int, parameters: Parameters, *, tranches: int = 1
) -> TrancheTerms:
    """Return what taking `tranches` of the parts left moves at a time; the value must be revealed.

    The share and the fund's part round down, the payment rounds up. The premium is what the escrow must hold besides.
    """
    p, parts = parameters, auction.parts
    equity = auction.value + balance * scale
    share = balance if tranches == parts else balance // parts
    end = auction.start + p.fast_auction + p.slow_auction
    if equity >= 0 and now <= end:
        bps = price_bps(now - auction.start, p.fast_auction, p.slow_auction)
        return TrancheTerms(share, -(-equity * tranches * bps // (BPS * parts * scale)), 0, 0)
    since = auction.insolvent_since or (end if now > end else now)
    premium = p.premium * tranches * min(now - since, p.rescue) // (4 * p.rescue)
    return TrancheTerms(share, 0, max(0, -equity) * tranches // (parts * scale), premium)
