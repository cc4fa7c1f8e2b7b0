"""Parameters of a clearing house and who is trusted with what; docs/clearing.md, part 10, has their rules."""

from dataclasses import astuple, dataclass

from verifier.context import ZERO_ADDRESS

DAY = 86_400
HOUR = 3_600
MINUTE = 60


@dataclass(frozen=True)
class Parameters:
    """In the order of the contract's struct. Seconds; the token's smallest unit (defaults: 6 decimals); wei."""

    grace: int = 20 * MINUTE
    call_time: int = HOUR
    call_blocks: int = 300
    max_outage: int = 2 * HOUR
    fast_auction: int = 20 * MINUTE
    slow_auction: int = 2 * HOUR
    rescue: int = HOUR
    custody_silence: int = DAY
    unbonding: int = 7 * DAY
    band_bps: int = 200
    buffer_bps: int = 12_500
    escrow: int = 100_000_000
    late_fee: int = 20_000_000
    call_reward: int = 5_000_000
    premium: int = 40_000_000
    liquidator_bond: int = 1_000_000_000
    custody_slash: int = 500_000_000
    allegation_bond: int = 10**16
    refund_gas_price: int = 50 * 10**9

    def arguments(self) -> tuple[int, ...]:
        """Return the struct that the contract takes."""
        return astuple(self)


PARAMETERS_TYPE = "(" + ",".join(["uint32"] * 9 + ["uint16"] * 2 + ["uint128"] * 8) + ")"


@dataclass(frozen=True)
class HouseParties:
    """Who a clearing house trusts with what; fixed at deployment. Each may be a contract, but for the custodians."""

    epoch_authority: str
    """Opens epochs."""
    step_authority: str
    """Adds accruals and relistings."""
    custodians: tuple[str, ...]
    """Hold openings for the case of default and sign receipts."""
    threshold: int
    """How many of them sign each receipt."""
    admin: str
    """Announces parameters."""
    guardian: str
    """Pauses for a day at most."""
    token: str
    """The vault's settlement token."""
    settlement_unit: str
    """The token's name in listings, such as USD."""
    backstop: str = ZERO_ADDRESS
    """The account that takes what nobody buys."""
    sequencer_uptime: str = ZERO_ADDRESS
    """A rollup's uptime feed; the zero address where there is none."""
    timelock: int = 3 * DAY
    """Seconds from a change's announcement to its effect."""
