// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {FIELD} from "zkmargin/Bn254.sol";
import {MarginRegistry} from "zkmargin/MarginRegistry.sol";
import {ICommitmentRegistry} from "zkmargin/interfaces/ICommitmentRegistry.sol";
import {Action, IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {LocalToken} from "zkmargin/local/LocalToken.sol";
import {GridRegistry} from "./generated/GridRegistry.sol";
import {PortfolioRegistry} from "./generated/PortfolioRegistry.sol";
import {Programs, TierShape} from "./Programs.sol";
import {Trapdoor} from "./Trapdoor.sol";
import {Test} from "./Vm.sol";

/// @notice A registry with trapdoor keys, and the parties around it.
abstract contract RegistryTest is Test {
    uint256 internal constant CUSTODIAN_KEY = 0xc057;
    uint256 internal constant TRADER_KEY = 0x77ade;
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant HOUR = 3600;
    int256 internal constant MONEY_EXPONENT = -12;
    /// @dev Money units in one millionth of a USD.
    uint256 internal constant SCALE = 1e6;

    MarginRegistry internal registry;
    LocalToken internal token;
    address internal authority = address(0xa07);
    address internal publisher = address(0x9b);
    address internal trader;
    uint256 internal listingHash;
    /// @dev Discrete logarithm of the newest epoch's prepared point.
    mapping(Purpose => uint256) internal total;
    uint256 private _draws;

    function shape() internal pure virtual returns (TierShape memory) {
        return Programs.grid();
    }

    function setUp() public virtual {
        vm.warp(START);
        trader = vm.addr(TRADER_KEY);
        token = newToken();
        registry = newRegistry(token);
        listingHash = describe("USD", MONEY_EXPONENT);
    }

    function newToken() internal virtual returns (LocalToken) {
        return new LocalToken();
    }

    function newRegistry(LocalToken token_) internal returns (MarginRegistry) {
        TierShape memory t = shape();
        MarginRegistry.Deployment memory d = MarginRegistry.Deployment({
            epochAuthority: authority,
            custodian: vm.addr(CUSTODIAN_KEY),
            token: IERC20Metadata(address(token_)),
            settlementUnit: "USD"
        });
        address[] memory points = icPoints(t.prepared);
        return t.cover == 0 ? MarginRegistry(new GridRegistry(d, points)) : new PortfolioRegistry(d, points);
    }

    function icPoints(uint256 count) internal returns (address[] memory out) {
        out = new address[]((count + 382) / 383);
        for (uint256 i = 0; i < out.length; ++i) {
            uint256 here = i + 1 < out.length ? 383 : count - 383 * i;
            bytes memory code = new bytes(1 + 64 * here);
            for (uint256 k = 0; k < here; ++k) {
                (uint256 x, uint256 y) = Trapdoor.g1(Trapdoor.ic(383 * i + k + 1));
                assembly ("memory-safe") {
                    let to := add(code, add(0x21, shl(6, k)))
                    mstore(to, x)
                    mstore(add(to, 0x20), y)
                }
            }
            out[i] = deployCode(code);
        }
    }

    function deployCode(bytes memory code) internal returns (address out) {
        bytes memory init = abi.encodePacked(hex"61", uint16(code.length), hex"80600a3d393df3", code);
        assembly ("memory-safe") {
            out := create(0, add(init, 0x20), mload(init))
        }
        assertTrue(out != address(0), "data contract");
    }

    function describe(string memory unit, int256 exponent) internal returns (uint256) {
        TierShape memory t = shape();
        string[] memory instruments = new string[](t.positions);
        int256[] memory lots = new int256[](t.positions);
        for (uint256 i = 0; i < t.positions; ++i) {
            (instruments[i], lots[i]) = ("BTC-27MAR26-100000-C", -6);
        }
        uint256 groups = t.cover == 0 ? 1 : 8;
        return registry.describeListing(groups, t.positions / groups, 48, exponent, unit, instruments, lots);
    }

    // ---- epochs ----

    function publish(Purpose purpose, uint256 number) internal {
        publish(purpose, number, Programs.realistic(shape(), number, listingHash));
    }

    function publish(Purpose purpose, uint256 number, int256[] memory values) internal {
        TierShape memory t = shape();
        bytes[] memory parts = Programs.chunks(t, values);
        open(purpose, number, Programs.hashOf(parts));
        for (uint256 i = 0; i < parts.length; ++i) {
            append(purpose, number, parts[i]);
        }
        total[purpose] = Programs.total(values);
    }

    function open(Purpose purpose, uint256 number, bytes32 programHash) internal {
        vm.prank(authority);
        registry.openEpoch(purpose, number, programHash, block.timestamp, block.timestamp + HOUR, publisher);
    }

    function append(Purpose purpose, uint256 number, bytes memory part) internal {
        bytes[] memory parts = new bytes[](1);
        parts[0] = part;
        vm.prank(publisher);
        registry.appendChunks(purpose, number, parts);
    }

    // ---- commitments ----

    function attestation(uint256 key, uint256 commitment)
        internal
        view
        returns (ICommitmentRegistry.Attestation memory)
    {
        address account = vm.addr(key);
        return ICommitmentRegistry.Attestation({
            account: account,
            oldCommitment: registry.commitmentOf(account),
            newCommitment: commitment,
            sequence: uint64(registry.sequenceOf(account) + 1),
            listingHash: listingHash,
            expiry: uint64(block.timestamp + HOUR)
        });
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function attest(uint256 key, uint256 commitment) internal returns (address account) {
        ICommitmentRegistry.Attestation memory a = attestation(key, commitment);
        bytes32 digest = registry.attestationDigest(a);
        registry.updateCommitment(a, signed(CUSTODIAN_KEY, digest), signed(key, digest));
        return a.account;
    }

    function fund(address account, uint256 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(registry), amount);
        registry.deposit(account, amount);
    }

    // ---- proofs ----

    /// @dev What a proof is for, beside the claim.
    struct Terms {
        Purpose purpose;
        uint256 epoch;
        Action action;
        address recipient;
        uint256 amount;
        uint256 commitment;
        uint256 chainId;
        address registry;
        bytes32 keyHash;
    }

    function terms(address account) internal view returns (Terms memory out) {
        out.epoch = registry.newestEpoch(Purpose.Initial);
        out.commitment = registry.commitmentOf(account);
        out.chainId = block.chainid;
        out.registry = address(registry);
        out.keyHash = registry.verifyingKeyHash();
    }

    function claimOf(address account, uint256 ratioBps, uint256 vaultBalance)
        internal
        view
        returns (IMarginRegistry.Claim memory claim)
    {
        claim.account = account;
        claim.ratioBps = ratioBps;
        claim.vaultBalance = vaultBalance;
        claim.sequence = registry.sequenceOf(account);
        claim.nonce = registry.nonceOf(account);
        claim.deadline = block.timestamp + HOUR;
    }

    function contextOf(Terms memory t, IMarginRegistry.Claim memory c) internal pure returns (uint256) {
        bytes memory head = abi.encode(
            keccak256("zkmargin.context.v1"), t.chainId, t.registry, t.keyHash, uint8(t.purpose), uint8(t.action)
        );
        bytes memory tail =
            abi.encode(c.account, t.recipient, t.amount, uint64(t.epoch), uint64(c.sequence), uint64(c.nonce));
        return uint256(keccak256(abi.encodePacked(head, tail, abi.encode(uint64(c.deadline))))) % FIELD;
    }

    /// @dev Sets the claim's proof: a valid one of these public signals against the newest epoch of the purpose.
    function prove(Terms memory t, IMarginRegistry.Claim memory c) internal returns (IMarginRegistry.Claim memory) {
        uint256 n = shape().prepared;
        uint256 sum = total[t.purpose];
        sum = addmod(sum, mulmod(c.ratioBps, Trapdoor.ic(n + 1), FIELD), FIELD);
        sum = addmod(sum, mulmod(c.vaultBalance, Trapdoor.ic(n + 2), FIELD), FIELD);
        sum = addmod(sum, mulmod(t.commitment, Trapdoor.ic(n + 3), FIELD), FIELD);
        sum = addmod(sum, mulmod(contextOf(t, c), Trapdoor.ic(n + 4), FIELD), FIELD);
        c.proof = Trapdoor.prove(sum, ++_draws);
        return c;
    }

    function provenClaim(address account, uint256 ratioBps, uint256 vaultBalance)
        internal
        returns (IMarginRegistry.Claim memory)
    {
        return prove(terms(account), claimOf(account, ratioBps, vaultBalance));
    }

    /// @dev y of the newest epoch's prepared point.
    function pointY(Purpose purpose) internal view returns (uint256 y) {
        (, y) = Trapdoor.g1(total[purpose]);
    }

    function submit(IMarginRegistry.Claim memory claim) internal {
        registry.submit(Purpose.Initial, registry.newestEpoch(Purpose.Initial), pointY(Purpose.Initial), claim);
    }

    function isProven(address account) internal view returns (bool) {
        return registry.standing(account, Purpose.Initial).proven;
    }
}
