pragma circom 2.2.0;

include "../valuation.circom";

// 128 places in all: the tiers portfolio and matrix.
component main {public [listing_hash, mark, revealed, band_bps, value, commitment, context]} = Valuation(128);
