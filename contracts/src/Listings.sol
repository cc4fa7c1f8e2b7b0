// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {IRiskEpochs} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice How the vault's token counts under a listing: exactly, or not at all.
abstract contract Listings is IRiskEpochs {
    /// @dev keccak256 of the settlement unit that the vault's token is.
    bytes32 private immutable SETTLEMENT_UNIT;
    int256 private immutable TOKEN_DECIMALS;

    mapping(uint256 listingHash => uint128) public vaultScaleOf;

    constructor(string memory settlementUnit, uint8 tokenDecimals) {
        SETTLEMENT_UNIT = keccak256(bytes(settlementUnit));
        TOKEN_DECIMALS = int256(uint256(tokenDecimals));
    }

    /// @inheritdoc IRiskEpochs
    function describeListing(
        uint256 groups,
        uint256 slots,
        uint256 positionBits,
        int256 moneyExponent,
        string calldata settlementUnit,
        string[] calldata instruments,
        int256[] calldata lotExponents
    ) external returns (uint256 listingHash) {
        bytes32 hash = keccak256(
            abi.encode(
                "zkmargin.listing.v1",
                groups,
                slots,
                positionBits,
                moneyExponent,
                settlementUnit,
                instruments,
                lotExponents
            )
        );
        listingHash = uint256(hash) % FIELD;
        uint128 scale = _scale(moneyExponent, settlementUnit);
        vaultScaleOf[listingHash] = scale;
        emit ListingDescribed(listingHash, moneyExponent, settlementUnit, scale);
    }

    /// @dev 10^(-moneyExponent - decimals) where that is a whole number of at most 38 digits, else 0.
    function _scale(int256 moneyExponent, string calldata settlementUnit) private view returns (uint128) {
        if (keccak256(bytes(settlementUnit)) != SETTLEMENT_UNIT || moneyExponent > 0 || moneyExponent < -100) return 0;
        int256 exponent = -moneyExponent - TOKEN_DECIMALS;
        if (exponent < 0 || exponent > 38) return 0;
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(10 ** uint256(exponent)); // 10^38 < 2^128
    }
}
