pragma circom 2.2.0;

include "../valuation.circom";

// 64 places of one group: the tier grid.
component main {public [listing_hash, mark, revealed, band_bps, value, commitment, context]} = Valuation(64);
