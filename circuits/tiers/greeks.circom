pragma circom 2.2.0;

include "../margin.circom";

// One group of 64 slots, 8 scenarios, no hinges, no envelope, 16 factors. Margin(A, G, I, S, J, H, E, K).
component main {public [
  listing_hash, blind, constant, offset, floor_linear, floor_short, floor_net, equity, short_charge,
  naked_charge, risk_array, mark, roll, loading, gain, mark_weight, roll_long, roll_short, roll_net,
  factor_multiplier, tau, weight, unit, waivers, member, waivable, ratio_bps, vault_balance,
  commitment, context
]} = Margin(1, 1, 64, 8, 0, 0, 0, 16);
