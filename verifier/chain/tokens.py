"""The settlement token, as far as deposits need it."""

from eth_account.signers.local import LocalAccount

from verifier.chain.connection import Connection, Transaction, checksum
from verifier.chain.errors import SENTENCES
from verifier.errors import ChainError

_TOKEN_ABI = (
    {
        "type": "function",
        "name": "balanceOf",
        "stateMutability": "view",
        "inputs": [{"name": "account", "type": "address"}],
        "outputs": [{"name": "", "type": "uint256"}],
    },
    {
        "type": "function",
        "name": "approve",
        "stateMutability": "nonpayable",
        "inputs": [{"name": "spender", "type": "address"}, {"name": "amount", "type": "uint256"}],
        "outputs": [{"name": "", "type": "bool"}],
    },
)


def token_balance(connection: Connection, token: str, account: str) -> int:
    """Return what an account holds of a token, smallest units."""
    return int(connection.call(token, _TOKEN_ABI, "balanceOf", checksum(account)))


def approve(connection: Connection, signer: LocalAccount, token: str, spender: str, amount: int) -> Transaction:
    """Approve `amount` smallest units for a contract. Nothing is sent where the signer holds less."""
    if token_balance(connection, token, signer.address) < amount:
        name = "ERC20InsufficientBalance"
        raise ChainError(f"depositing was refused: {SENTENCES[name]} ({name})", name)
    data = connection.encode(token, _TOKEN_ABI, "approve", checksum(spender), amount)
    return connection.send(signer, token, data, _TOKEN_ABI, "approving the deposit")
