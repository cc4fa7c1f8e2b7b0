// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Order of the groups: public signals live below it.
uint256 constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
/// @dev Modulus of the base field: coordinates live below it.
uint256 constant BASE_FIELD = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

// A failing precompile burns all the gas it was given, so that each call is capped at about twice its price.
/// @dev Cap for ECADD (150).
uint256 constant ADD_GAS = 400;
/// @dev Cap for ECMUL (6,000).
uint256 constant MUL_GAS = 12_000;
/// @dev Cap for the part of ECPAIRING that does not grow (45,000).
uint256 constant PAIRING_GAS = 90_000;
/// @dev Cap for each pair of ECPAIRING (34,000).
uint256 constant PAIR_GAS = 68_000;
