"""A whole option chain: proofs that hide which of all listed BTC and ETH options are held."""

import json
from pathlib import Path

import pytest
from eth_typing import HexStr

from prover.market.files import load_snapshot
from tests.e2e.devnet import EXAMPLES, TRADER, Devnet, devnet, done
from verifier.chain.connection import Connection
from verifier.program_file import load_program

CHAIN = EXAMPLES / "market" / "chain_2026-01-01.csv"
OTHER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
"""Account 2 of every Anvil."""
BOOKS: dict[str, dict[str, object]] = {
    "calls": {"USD": 120_000, "BTC": "0.5", "BTC-27MAR26-100000-C": -2, "BTC-26JUN26-120000-C": 3},
    "puts": {"USD": 90_000, "ETH-27MAR26-3000-P": -20, "ETH-27MAR26-4000-C": "-12.5", "ETH": 15},
}


def opened(net: Devnet, number: int, trader: str, name: str) -> tuple[Path, str]:
    """Return the proof's folder and the calldata of its submission, from commitment to the contract."""
    book = net.folder / f"{name}.csv"
    book.write_text("\n".join(["instrument,quantity", *(f"{n},{q}" for n, q in BOOKS[name].items()), ""]))
    opening = net.open_account(number, book, trader=trader, name=name)
    proof = net.prove(trader, opening, name=name)
    checked = done(
        "verify", "--program", net.program, "--proof", proof / "proof.json", "--public", proof / "public.json"
    )
    assert checked["valid"] is True
    sent = done("submit", "--deployment", net.deployment, "--proof", proof, "--devnet-account", 3)
    assert sent["gas"] <= 262_000
    return proof, sent["transaction"]


@pytest.mark.slow
def test_which_of_all_listed_options_are_held_is_hidden(tmp_path: Path) -> None:
    with devnet(tmp_path, "venue", model="stress_grid_venue.json", whole_chain=CHAIN) as net:
        program = load_program(net.program)
        listed = {place.instrument for place in program.listing.places if place is not None}
        quoted = load_snapshot(CHAIN).quotes
        assert len(quoted) == 1217  # of 1,328; the others had neither bid nor ask
        assert listed == {*quoted, "BTC", "ETH", "USD"}
        assert set().union(*BOOKS.values()) <= listed

        proofs, sent = zip(*(opened(net, *who) for who in ((1, TRADER, "calls"), (2, OTHER, "puts"))), strict=True)
        for trader in (TRADER, OTHER):
            status = done("status", "--deployment", net.deployment, "--account", trader)
            assert [row["proven"] for row in status["standing"]] == [True, False]

        # What the world sees of the two differs in the commitment and the context alone, and in no length.
        signals = [json.loads((proof / "public.json").read_text()) for proof in proofs]
        assert len(signals[0]) == len(signals[1]) == program.tier.public_count
        places = [place for place in range(program.tier.public_count) if signals[0][place] != signals[1][place]]
        names = [program.tier.live_names[place - program.tier.prepared_count] for place in places]
        assert names == ["commitment[0]", "context"]
        web3 = Connection(net.rpc).web3
        lengths = {len(web3.eth.get_transaction(HexStr(transaction))["input"]) for transaction in sent}
        assert len(lengths) == 1
