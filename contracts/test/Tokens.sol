// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LocalToken} from "zkmargin/local/LocalToken.sol";

/// @notice Keeps a unit of every transfer.
contract FeeToken is LocalToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0xfee), 1);
    }
}

/// @notice Changes the receiver's and the sender's balance by a unit in the transfer after `arm`.
contract RebasingToken is LocalToken {
    bool private _armed;

    function arm() external {
        _armed = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (!_armed) return;
        _armed = false;
        super._update(address(0), to, 1);
        super._update(address(0), from, 1);
    }
}

/// @notice Calls its target once in the middle of a transfer.
contract ReentrantToken is LocalToken {
    address public target;
    bytes public call;

    function arm(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target != address(0)) {
            address callee = target;
            target = address(0);
            (bool ok, bytes memory reason) = callee.call(call);
            if (!ok) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
        }
    }
}
