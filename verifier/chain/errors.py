"""Refusals of the contracts, read into the rule's name and one sentence.

The contracts name each rule by a custom error; the interfaces in contracts/src/interfaces are the list. What the
error carries (numbers, addresses) is public and stands behind the sentence.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from requests import RequestException
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError

from verifier.chain.clearing.sentences import CLEARING_SENTENCES
from verifier.errors import ChainError
from verifier.keccak import keccak

SENTENCES: Mapping[str, str] = {
    "InvalidProof": "the proof does not hold for these public signals",
    "RatioNotABand": "ratio_bps is not one of the published bands",
    "EmptyBatch": "the batch holds no proof",
    "CalldataLength": "the call has missing or trailing bytes",
    "IcPointsMismatch": "the data contracts do not hold the verifying key's points",
    "CurveFailure": "a curve precompile refused its input",
    "SumFailure": "a curve precompile refused its input",
    "NotEpochAuthority": "only the epoch authority opens epochs",
    "NotPublisher": "only the publisher named by the epoch authority delivers the program",
    "EpochNotIncreasing": "epoch numbers must grow for each purpose",
    "EpochWindow": "the epoch's validity window is empty or over",
    "EpochNotOpen": "no epoch of this number is open for delivery",
    "TooManyChunks": "the program has fewer chunks than were delivered",
    "ChunkLength": "a chunk has not the length of its place in the program",
    "EntryOutOfBounds": "a program entry is outside the bounds of the statement",
    "RollNetBelowRates": "roll_net is below the negative of the least roll rate",
    "UnitIsZero": "the program's unit is zero",
    "FreeWithoutCover": "a group of the program is free and not covered",
    "PickWithoutFree": "a group of the program is pickable and not free",
    "NothingMeasured": "nothing in the program can make a requirement, so it would accept everybody",
    "ProgramHashMismatch": "the delivered program is not the one that the epoch authority named",
    "PointAtInfinity": "the prepared point is at infinity, so it would accept everybody",
    "EpochUnset": "no epoch of this purpose has been published",
    "EpochNotNewest": "the epoch is not the newest one of its purpose",
    "EpochNotYetValid": "the newest epoch is not valid yet",
    "EpochExpired": "the newest epoch's validity window is over",
    "AttestationExpired": "the attestation has expired",
    "SequenceNotNext": "the attestation's sequence is not the account's next one",
    "OldCommitmentMismatch": "the attestation replaces another commitment than the account's present one",
    "CommitmentOutOfField": "the commitment is zero or not below the field's order",
    "CommitmentTaken": "the commitment has been registered before, and a book counts once",
    "CustodianSignature": "the custodian's signature is not valid",
    "TraderSignature": "the account's signature is not valid",
    "AmountIsZero": "the amount is zero",
    "TokenMovedOtherAmount": "the token moved another amount than asked; tokens with a fee are refused",
    "BalanceTooLarge": "the vault balance would exceed its bound",
    "BalanceTooSmall": "the account holds less in the vault than the amount",
    "BadRecipient": "a withdrawal cannot go to this address",
    "NoCommitment": "the account has no commitment",
    "SequenceMismatch": "the proof is about another commitment than the account's present one",
    "NonceMismatch": "the proof was used before, or its nonce is not the account's next one",
    "DeadlinePassed": "the proof's deadline has passed",
    "DeadlineOutOfRange": "the proof's deadline does not fit 64 bits",
    "RatioOneOnly": "this program has isolated groups and is accepted at ratio 10000 only",
    "VaultBalanceTooLarge": "the proof counts more money than the vault holds for the account",
    "VaultDoesNotCount": "the listing is not settled in the vault's token, so the proof must count no vault balance",
    "PointParity": "the prepared point's y is not the epoch's",
    "AccountsNotAscending": "the accounts of a batch must be strictly ascending, so that each counts once",
    "NotTheAccount": "only the account itself withdraws",
    "NotAParty": "only the registry's parties act in it: the venue publishes, the trader commits and proves",
    "PartiesRefused": "venue and trader must be two different addresses",
    "PointOffCurve": "the point is no finite point of the curve",
    "NumberNotAscending": "epoch numbers must grow for each purpose",
    "WindowRefused": "the epoch's validity window is empty or over",
    "EpochNotLive": "the epoch is not the newest one of its purpose, or not valid now",
    "CommitmentRefused": "the commitment is missing, out of the field, the present one, or not the next in sequence",
    "VenueSignature": "the venue has not signed this commitment",
    "SignatureExpired": "the venue's signature has expired",
    "AccountMismatch": "the proof and the attestation name different accounts",
    **CLEARING_SENTENCES,
    "ReentrancyGuardReentrantCall": "a token called back into the vault",
    "ERC20InsufficientBalance": "the depositor holds less of the token than the amount",
    "ERC20InsufficientAllowance": "the depositor has not approved the amount",
}


def refusal(error: Exception, abi: Sequence[Mapping[str, Any]], action: str) -> ChainError:
    """Return the ChainError of a failed call: the rule where a contract names one, else what the node says."""
    data = _revert_data(error)
    if data:
        named = _decode(data, abi)
        if named is not None:
            name, values = named
            sentence = SENTENCES.get(name, f"the contract refused by its rule {name}")
            detail = f" ({name}: {', '.join(map(str, values))})" if values else f" ({name})"
            return ChainError(f"{action} was refused: {sentence}{detail}", name)
    if isinstance(error, ContractLogicError):
        return ChainError(f"{action} was refused by the contract without a named rule")
    said = _first_line(error)
    if "insufficient funds" in said.lower():
        return ChainError(f"{action} failed: the sending account has not the coins that its gas costs; fund it")
    if "outofgas" in said.lower().replace(" ", ""):
        return ChainError(f"{action} needs more gas than a transaction may use; split it")
    # the texts of requests hold the node's URL, and with it perhaps an access key
    if isinstance(error, Web3Exception | ValueError) and not isinstance(error, RequestException):
        return ChainError(f"{action} failed: the node answered {said}")
    return ChainError(f"{action} failed: the node cannot be reached ({type(error).__name__})")


def error_selectors(abi: Sequence[Mapping[str, Any]]) -> dict[bytes, tuple[str, list[str]]]:
    """Return name and argument types of each custom error of an ABI by its selector."""
    out = {}
    for entry in abi:
        if entry.get("type") == "error":
            types = [part["type"] for part in entry["inputs"]]
            out[keccak(f"{entry['name']}({','.join(types)})".encode())[:4]] = (entry["name"], types)
    return out


def _decode(data: bytes, abi: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[Any, ...]] | None:
    known = error_selectors(abi).get(data[:4])
    if known is None:
        return None
    name, types = known
    try:
        values = decode(types, data[4:])
    except DecodingError:
        values = ()
    return name, tuple("0x" + value.hex() if isinstance(value, bytes) else value for value in values)


def _revert_data(error: Exception) -> bytes | None:
    data: Any = getattr(error, "data", None)
    if data is None and isinstance(error, Web3RPCError) and error.rpc_response:
        data = error.rpc_response.get("error", {}).get("data")
    if isinstance(data, Mapping):
        data = data.get("data")
    if isinstance(data, str) and data.startswith("0x"):
        try:
            return bytes.fromhex(data[2:])
        except ValueError:
            return None
    return None


def _first_line(error: Exception) -> str:
    text = str(error)
    if isinstance(error, Web3RPCError) and error.rpc_response:
        text = str(error.rpc_response.get("error", {}).get("message") or text)
    lines = text.splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
