//! What public inputs that come again contribute to a proof's sums.
//!
//! Most of a circuit's public wires are the program's, the same for all accounts of an epoch. Their sums over
//! A, B and C are kept, so that a proof adds only what differs.

use ark_bn254::{Fr, G1Projective, G2Projective};
use std::sync::{Arc, Mutex};

/// More values than this that differ are another epoch's.
const FEW: usize = 32;

/// Sums over the public wires' points.
pub struct Sums {
    pub a: G1Projective,
    pub b2: G2Projective,
    pub c: G1Projective,
}

pub struct Known {
    pub values: Vec<Fr>,
    pub sums: Sums,
}

/// The values of one proof, with their sums once another proof had nearly the same.
#[derive(Default)]
pub struct Kept(Mutex<Option<Entry>>);

enum Entry {
    Values(Vec<Fr>),
    Known(Arc<Known>),
}

impl Entry {
    fn values(&self) -> &[Fr] {
        match self {
            Self::Values(values) => values,
            Self::Known(known) => &known.values,
        }
    }

    fn is_near(&self, public: &[Fr]) -> bool {
        let pairs = self.values().iter().zip(public);
        pairs.filter(|(before, now)| before != now).count() <= FEW
    }
}

impl Kept {
    /// Sums of values that differ from these in a few places, if the last proof had such values; `sums` makes
    /// them the first time. Not held while it does: proofs beside this one go on without.
    pub fn near(&self, public: &[Fr], sums: impl FnOnce(&[Fr]) -> Sums) -> Option<Arc<Known>> {
        let values = {
            let mut entry = self.0.lock().ok()?;
            match entry.take().filter(|entry| entry.is_near(public)) {
                Some(Entry::Values(values)) => values,
                Some(Entry::Known(known)) => {
                    *entry = Some(Entry::Known(known.clone()));
                    return Some(known);
                }
                None => {
                    *entry = Some(Entry::Values(public.to_vec()));
                    return None;
                }
            }
        };
        let known = Arc::new(Known { sums: sums(&values), values });
        *self.0.lock().ok()? = Some(Entry::Known(known.clone()));
        Some(known)
    }

    pub fn forget(&self) {
        if let Ok(mut entry) = self.0.lock() {
            *entry = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ec::PrimeGroup;
    use ark_ff::AdditiveGroup;

    fn values(changed: usize) -> Vec<Fr> {
        (0..100).map(|i| Fr::from(i + if i < changed as u64 { 1000 } else { 0 })).collect()
    }

    fn sums(values: &[Fr]) -> Sums {
        let a = G1Projective::generator() * values[0];
        Sums { a, b2: G2Projective::ZERO, c: G1Projective::ZERO }
    }

    #[test]
    fn sums_are_made_when_values_come_again_and_kept_while_few_differ() {
        let kept = Kept::default();
        let of = |known: Option<Arc<Known>>| known.map(|known| known.values.clone());
        let never = |_: &[Fr]| -> Sums { panic!("sums are made again") };
        assert!(kept.near(&values(0), never).is_none());
        let known = kept.near(&values(3), sums).unwrap();
        assert_eq!((&known.values, known.sums.a), (&values(0), sums(&values(0)).a));
        assert_eq!(of(kept.near(&values(FEW), never)), Some(values(0)));
        assert!(kept.near(&values(FEW + 1), never).is_none());
        assert_eq!(of(kept.near(&values(FEW + 2), sums)), Some(values(FEW + 1)));
        assert!(kept.near(&values(0), never).is_none());
        kept.forget();
        assert!(kept.near(&values(0), never).is_none());
    }
}
