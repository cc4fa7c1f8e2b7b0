// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Modules} from "zkmargin/clearing/Ledger.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {IdealProofs} from "./IdealProofs.sol";
import {RealProofs} from "./RealProofs.sol";
import {World} from "./World.sol";

/// @notice The world with the real verifiers.
abstract contract RealWorld is World {
    RealProofs internal real;

    function newProofs() internal override returns (IdealProofs) {
        real = new RealProofs();
        return real;
    }

    function modules(IERC20 token_) internal view override returns (Modules memory) {
        IMarginEpochs epochs = IMarginEpochs(address(real.epochs()));
        IBookSteps steps = IBookSteps(address(real.steps()));
        IBookValuation valuation = IBookValuation(address(real.valuation()));
        return Modules(token_, epochs, steps, valuation, address(0), traders[TRADERS]);
    }
}
