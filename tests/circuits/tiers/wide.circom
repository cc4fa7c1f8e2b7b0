pragma circom 2.2.0;

include "../../../circuits/wide.circom";

// A small wide tier, as venue is. Wide(G, I, S).
component main {public [
  listing_hash, blind, constant, offset, floor_linear, floor_short, floor_net, equity, short_charge, risk_array,
  mark, gain, tau, weight, unit, waivers, member, waivable, ratio_bps, vault_balance, commitment, context
]} = Wide(2, 4, 6);
