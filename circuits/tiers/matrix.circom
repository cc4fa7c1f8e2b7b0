pragma circom 2.2.0;

include "../margin.circom";

// 8 groups of 16 slots, 36 scenarios, hinges, 4 factors. Margin(A, G, I, S, J, H, E, K).
component main {public [
  listing_hash, blind, constant, offset, shift, floor_linear, floor_short, floor_net, equity,
  short_charge, naked_charge, risk_array, mark, group_floor, roll, loading, gain,
  mark_weight, extra_loss, roll_long, roll_short, roll_net, factor_multiplier, tau,
  weight, unit, waivers, member, waivable, cover, free, pickable, ratio_bps, vault_balance,
  commitment, context
]} = Margin(1, 8, 16, 36, 0, 1, 0, 4);
