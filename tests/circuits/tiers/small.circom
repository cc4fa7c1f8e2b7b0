pragma circom 2.2.0;

include "../../../circuits/margin.circom";

// A tier with every unit, small enough to compile in seconds. Margin(A, G, I, S, J, H, E, K).
component main {public [
  listing_hash, blind, constant, offset, shift, floor_linear, floor_short, floor_net, equity,
  short_charge, naked_charge, risk_array, mark, up, down, group_floor, roll, loading, gain,
  mark_weight, extra_loss, envelope_weight, roll_long, roll_short, roll_net, factor_multiplier, tau,
  weight, unit, waivers, member, waivable, cover, free, pickable, ratio_bps, vault_balance,
  commitment, context
]} = Margin(1, 2, 4, 5, 2, 1, 1, 2);
