//! Known linear combinations of unknown wires.
//!
//! The compiler may fold linear layers so that a row's factor is a combination of wires none of
//! which is known alone. The basis holds every equation `combination = slots` found so far in
//! reduced echelon form: a combination is determined exactly if it reduces to nothing.

use super::rows::{add_scaled, Lc};
use ark_bn254::Fr;
use ark_ff::Field;
use std::collections::HashMap;

/// `wires = slots`: unknown wires on the left, computed slots on the right.
#[derive(Clone, Debug)]
pub struct Equation {
    pub wires: Lc,
    pub slots: Lc,
}

#[derive(Default)]
pub struct Basis {
    by_pivot: HashMap<u32, Equation>,
}

impl Basis {
    /// Rewrites a combination by the known equations: what stays unknown, and the slots' part.
    pub fn reduce(&self, wires: &Lc) -> Equation {
        let mut left = wires.clone();
        let mut slots = Lc::new();
        for (wire, factor) in wires {
            if let Some(equation) = self.by_pivot.get(wire) {
                left = add_scaled(&left, -*factor, &equation.wires);
                slots = add_scaled(&slots, *factor, &equation.slots);
            }
        }
        Equation { wires: left, slots }
    }

    /// Adds an equation; false if it says nothing new.
    pub fn insert(&mut self, equation: Equation, support: &mut [bool]) -> bool {
        let Equation { wires, slots } = self.reduce(&equation.wires);
        let slots = add_scaled(&equation.slots, -Fr::ONE, &slots);
        let Some((pivot, inverse)) = wires.first().and_then(|(w, f)| Some((*w, f.inverse()?)))
        else {
            return false;
        };
        let unit = Equation {
            wires: add_scaled(&[], inverse, &wires),
            slots: add_scaled(&[], inverse, &slots),
        };
        for (wire, _) in &unit.wires {
            support[*wire as usize] = true;
        }
        for other in self.by_pivot.values_mut() {
            if let Ok(at) = other.wires.binary_search_by_key(&pivot, |(wire, _)| *wire) {
                let factor = other.wires[at].1;
                other.wires = add_scaled(&other.wires, -factor, &unit.wires);
                other.slots = add_scaled(&other.slots, -factor, &unit.slots);
            }
        }
        self.by_pivot.insert(pivot, unit);
        true
    }

    /// Takes out the equations that name a single wire, in wire order.
    pub fn take_singles(&mut self) -> Vec<(u32, Lc)> {
        let mut found: Vec<u32> =
            self.by_pivot.iter().filter(|(_, e)| e.wires.len() == 1).map(|(w, _)| *w).collect();
        found.sort_unstable();
        found
            .into_iter()
            .filter_map(|wire| self.by_pivot.remove(&wire).map(|e| (wire, e.slots)))
            .collect()
    }

    /// Moves wires that have become known to the right-hand side.
    pub fn learn(&mut self, known: &[bool], support: &mut [bool]) {
        let mut homeless = Vec::new();
        let mut pivots: Vec<u32> = self.by_pivot.keys().copied().collect();
        pivots.sort_unstable();
        for pivot in pivots {
            let Some(equation) = self.by_pivot.get_mut(&pivot) else { continue };
            if !equation.wires.iter().any(|(wire, _)| known[*wire as usize]) {
                continue;
            }
            let (now_known, unknown): (Lc, Lc) =
                equation.wires.iter().partition(|(wire, _)| known[*wire as usize]);
            equation.wires = unknown;
            equation.slots = add_scaled(&equation.slots, -Fr::ONE, &now_known);
            if known[pivot as usize] {
                homeless.extend(self.by_pivot.remove(&pivot));
            }
        }
        for equation in homeless {
            self.insert(equation, support);
        }
    }
}
