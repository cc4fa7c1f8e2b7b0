pragma circom 2.2.0;

include "../../../circuits/valuation.circom";

// Eight places, small enough to compile in seconds.
component main {public [listing_hash, mark, revealed, band_bps, value, commitment, context]} = Valuation(8);
