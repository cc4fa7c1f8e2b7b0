pragma circom 2.2.0;

include "../wide.circom";

// 16 groups of 84 slots, 24 scenarios in 12 pairs. Wide(G, I, S).
component main {public [
  listing_hash, blind, constant, offset, floor_linear, floor_short, floor_net, equity, short_charge, risk_array,
  mark, gain, tau, weight, unit, waivers, member, waivable, ratio_bps, vault_balance, commitment, context
]} = Wide(16, 84, 24);
