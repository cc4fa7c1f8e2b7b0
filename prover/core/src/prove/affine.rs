//! Sums of affine points in groups, many additions sharing one inversion.
//!
//! An affine addition costs six products with a shared inversion, ten without. Points are added in
//! pairs, group by group, while that leaves enough pairs. Equal and opposite points, which a crafted
//! witness can bring together, take their own formulas.

use ark_ec::short_weierstrass::{Affine, Bucket, SWCurveConfig};
use ark_ec::AffineRepr;
use ark_ff::{serial_batch_inversion_and_mul, AdditiveGroup, Field, Zero};

/// Fewer additions than this do not pay for an inversion.
const MIN_BATCH: usize = 48;

/// Points in groups, end to end.
struct Groups<P: SWCurveConfig> {
    points: Vec<Affine<P>>,
    /// Start and length of each group in `points`.
    spans: Vec<(usize, usize)>,
}

/// The sum of each of `count` groups. Members give their group, below `count`, and their point.
pub fn group_sums<P: SWCurveConfig>(
    count: usize,
    members: impl Iterator<Item = (usize, Affine<P>)> + Clone,
) -> Vec<Bucket<P>> {
    let mut groups = Groups::new(count, members);
    while groups.pairs() >= MIN_BATCH {
        groups.halve();
    }
    groups.finish()
}

impl<P: SWCurveConfig> Groups<P> {
    /// Sorts the finite points by group.
    fn new(count: usize, members: impl Iterator<Item = (usize, Affine<P>)> + Clone) -> Self {
        let members = members.filter(|(_, point)| !point.is_zero());
        let mut spans = vec![(0, 0); count];
        for (group, _) in members.clone() {
            spans[group].1 += 1;
        }
        let mut total = 0;
        for span in &mut spans {
            let length = span.1;
            *span = (total, 0);
            total += length;
        }
        let mut points = vec![Affine::zero(); total];
        for (group, point) in members {
            let (start, length) = &mut spans[group];
            points[*start + *length] = point;
            *length += 1;
        }
        Self { points, spans }
    }

    fn pairs(&self) -> usize {
        self.spans.iter().map(|(_, length)| length / 2).sum()
    }

    /// Adds each group's points in pairs; an odd one stays.
    fn halve(&mut self) {
        let mut inverses = Vec::with_capacity(self.pairs());
        for (start, length) in &self.spans {
            let group = &self.points[*start..*start + *length];
            inverses.extend(group.chunks_exact(2).map(|pair| denominator(&pair[0], &pair[1])));
        }
        serial_batch_inversion_and_mul(&mut inverses, &P::BaseField::ONE);
        let mut inverses = inverses.iter();
        for (start, length) in &mut self.spans {
            let group = &mut self.points[*start..*start + *length];
            let mut kept = 0;
            for pair in 0..*length / 2 {
                let (left, right) = (group[2 * pair], group[2 * pair + 1]);
                if let Some(sum) = inverses.next().and_then(|inv| add(&left, &right, inv)) {
                    group[kept] = sum;
                    kept += 1;
                }
            }
            if *length % 2 == 1 {
                group[kept] = group[*length - 1];
                kept += 1;
            }
            *length = kept;
        }
    }

    fn finish(self) -> Vec<Bucket<P>> {
        let sum = |(start, length): &(usize, usize)| {
            let mut sum = Bucket::<P>::ZERO;
            for point in &self.points[*start..*start + *length] {
                sum += point;
            }
            sum
        };
        self.spans.iter().map(sum).collect()
    }
}

/// What the slope of a sum is divided by; zero if the sum is at infinity.
fn denominator<P: SWCurveConfig>(left: &Affine<P>, right: &Affine<P>) -> P::BaseField {
    if left.x != right.x {
        right.x - left.x
    } else if left.y == right.y {
        left.y.double()
    } else {
        P::BaseField::ZERO
    }
}

/// The sum of two finite points, `None` for infinity.
fn add<P: SWCurveConfig>(
    left: &Affine<P>,
    right: &Affine<P>,
    inverse: &P::BaseField,
) -> Option<Affine<P>> {
    if inverse.is_zero() {
        return None;
    }
    let rise = if left.x == right.x {
        let square = left.x.square();
        square.double() + square + P::COEFF_A
    } else {
        right.y - left.y
    };
    let slope = rise * inverse;
    let x = slope.square() - left.x - right.x;
    Some(Affine::new_unchecked(x, slope * (left.x - x) - left.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{g1, Fr, G1Affine, G1Projective};
    use ark_ec::CurveGroup;

    fn multiple(k: i64) -> G1Affine {
        (G1Affine::generator() * Fr::from(k)).into_affine()
    }

    #[test]
    fn groups_with_equal_opposite_and_infinite_points_sum_correctly() {
        // Group 0: equal points; 1: opposite ones; 2: all kinds; 3: one point; 4: none.
        let mut members: Vec<(usize, i64)> = Vec::new();
        members.extend((0..101).map(|_| (0, 7)));
        members.extend((0..100).map(|k| (1, if k % 2 == 0 { 5 } else { -5 })));
        members.extend((0..333).map(|k| (2, k % 11 - 5)));
        members.push((3, 9));
        let mut expected = [0i64; 5];
        for (group, k) in &members {
            expected[*group] += k;
        }
        // Interleave, so that groups are not contiguous.
        members.sort_by_key(|(group, k)| (k * 31 + *group as i64 * 17) % 13);
        let sums = group_sums::<g1::Config>(5, members.iter().map(|(g, k)| (*g, multiple(*k))));
        for (sum, k) in sums.into_iter().zip(expected) {
            let sum: G1Projective = sum.into();
            assert_eq!(sum.into_affine(), multiple(k));
        }
    }
}
