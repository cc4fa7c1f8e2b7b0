"""Signing keys of the command line: an encrypted keystore, or a well-known account of a local devnet."""

import json
import stat
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from verifier.chain.connection import Connection
from verifier.errors import BadInput, UsageError
from verifier.files import read_text

_DEVNET_MNEMONIC = "test test test test test test test test test test test junk"
"""The public mnemonic of every Anvil: its keys are worth nothing and belong to everybody."""


def load_keystore(path: Path, password_file: Path) -> LocalAccount:
    """Decrypt an Ethereum keystore (V3) with the password in a file that only its owner can read."""
    password = read_text(password_file).rstrip("\r\n")
    if stat.S_IMODE(password_file.stat().st_mode) & 0o077:
        raise BadInput(f"{password_file} can be read by others; run `chmod 600` on it")
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(json.loads(read_text(path)), password))
    except (ValueError, TypeError, KeyError):
        raise BadInput(f"{path} is no keystore, or the password in {password_file} is not its own") from None
    return account


def devnet_account(connection: Connection, number: int) -> LocalAccount:
    """Return account `number` of the devnet mnemonic; refuses chains that are not local."""
    if not connection.is_local:
        raise UsageError("devnet accounts are for local chains: everybody has their keys; give --keystore")
    Account.enable_unaudited_hdwallet_features()
    account: LocalAccount = Account.from_mnemonic(_DEVNET_MNEMONIC, account_path=f"m/44'/60'/0'/0/{number}")
    return account


def choose_signer(
    connection: Connection, keystore: Path | None, password_file: Path | None, devnet: int | None, name: str
) -> LocalAccount:
    """Return the signer that the options of one party name."""
    if devnet is not None and keystore is None:
        return devnet_account(connection, devnet)
    if keystore is not None and password_file is not None and devnet is None:
        return load_keystore(keystore, password_file)
    raise UsageError(f"name the {name}'s key: a keystore and its password file, or an account number of a local devnet")
