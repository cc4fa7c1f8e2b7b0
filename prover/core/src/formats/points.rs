//! Curve points as bytes, in the two encodings in use.
//!
//! Files (zkey): coordinates in Montgomery form, little-endian, real part first.
//! Border (Python, EVM): big-endian standard form, imaginary part first (EIP-197).
//! Both write infinity as zeros.

use crate::error::{damaged, Result};
use crate::field::{all_zero, from_be, from_montgomery_le, to_be, to_montgomery_le};
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;

pub const G1_BYTES: usize = 64;
pub const G2_BYTES: usize = 128;

/// Reads a G1 point from a zkey; the coordinates are below the modulus, nothing else is checked.
pub fn g1_from_file(bytes: &[u8]) -> Option<G1Affine> {
    if all_zero(bytes) {
        return Some(G1Affine::zero());
    }
    let (x, y) = bytes.split_at_checked(32)?;
    Some(G1Affine::new_unchecked(from_montgomery_le(x)?, from_montgomery_le(y)?))
}

pub fn g2_from_file(bytes: &[u8]) -> Option<G2Affine> {
    if all_zero(bytes) {
        return Some(G2Affine::zero());
    }
    let (x, y) = bytes.split_at_checked(64)?;
    Some(G2Affine::new_unchecked(fq2_from_file(x)?, fq2_from_file(y)?))
}

fn fq2_from_file(bytes: &[u8]) -> Option<Fq2> {
    let (c0, c1) = bytes.split_at_checked(32)?;
    Some(Fq2::new(from_montgomery_le(c0)?, from_montgomery_le(c1)?))
}

pub fn g1_to_file(out: &mut Vec<u8>, point: &G1Affine) {
    if point.is_zero() {
        out.extend_from_slice(&[0; G1_BYTES]);
        return;
    }
    out.extend_from_slice(&to_montgomery_le(&point.x));
    out.extend_from_slice(&to_montgomery_le(&point.y));
}

pub fn g2_to_file(out: &mut Vec<u8>, point: &G2Affine) {
    if point.is_zero() {
        out.extend_from_slice(&[0; G2_BYTES]);
        return;
    }
    for c in [&point.x.c0, &point.x.c1, &point.y.c0, &point.y.c1] {
        out.extend_from_slice(&to_montgomery_le(c));
    }
}

/// Reads a border G1 point: canonical coordinates, on the curve (G1 has no cofactor), or infinity.
pub fn g1_from_border(bytes: &[u8], name: &str) -> Result<G1Affine> {
    if bytes.len() != G1_BYTES {
        return damaged(format!("{name} must be 64 bytes"));
    }
    if all_zero(bytes) {
        return Ok(G1Affine::zero());
    }
    let (x, y) = bytes.split_at(32);
    let point = G1Affine::new_unchecked(coordinate(x, name)?, coordinate(y, name)?);
    if !point.is_on_curve() {
        return damaged(format!("{name} is not on the curve"));
    }
    Ok(point)
}

/// Reads a border G2 point: canonical coordinates, on the curve and in the subgroup, or infinity.
pub fn g2_from_border(bytes: &[u8], name: &str) -> Result<G2Affine> {
    let point = twist_from_border(bytes, name)?;
    if point.is_zero() {
        return Ok(point);
    }
    in_subgroup(point, name)
}

/// The same for a caller that asks for the subgroup itself: the point may be outside it.
pub fn twist_from_border(bytes: &[u8], name: &str) -> Result<G2Affine> {
    if bytes.len() != G2_BYTES {
        return damaged(format!("{name} must be 128 bytes"));
    }
    if all_zero(bytes) {
        return Ok(G2Affine::zero());
    }
    let mut parts = [Fq::from(0u64); 4];
    for (part, chunk) in parts.iter_mut().zip(bytes.chunks_exact(32)) {
        *part = coordinate(chunk, name)?;
    }
    let [x1, x0, y1, y0] = parts;
    on_twist(G2Affine::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1)), name)
}

/// Refuses a G2 point off the curve or outside the subgroup of order r.
pub fn checked_g2(point: G2Affine, name: &str) -> Result<G2Affine> {
    in_subgroup(on_twist(point, name)?, name)
}

fn on_twist(point: G2Affine, name: &str) -> Result<G2Affine> {
    if !point.is_on_curve() {
        return damaged(format!("{name} is not on the curve"));
    }
    Ok(point)
}

fn in_subgroup(point: G2Affine, name: &str) -> Result<G2Affine> {
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return damaged(format!("{name} is not in the subgroup"));
    }
    Ok(point)
}

fn coordinate(bytes: &[u8], name: &str) -> Result<Fq> {
    match from_be(bytes) {
        Some(value) => Ok(value),
        None => damaged(format!("{name} has a coordinate that is not below the modulus")),
    }
}

pub fn g1_to_border(point: &G1Affine) -> [u8; G1_BYTES] {
    let mut out = [0; G1_BYTES];
    if !point.is_zero() {
        out[..32].copy_from_slice(&to_be(&point.x));
        out[32..].copy_from_slice(&to_be(&point.y));
    }
    out
}

pub fn g2_to_border(point: &G2Affine) -> [u8; G2_BYTES] {
    let mut out = [0; G2_BYTES];
    if !point.is_zero() {
        let parts = [&point.x.c1, &point.x.c0, &point.y.c1, &point.y.c0];
        for (chunk, part) in out.chunks_exact_mut(32).zip(parts) {
            chunk.copy_from_slice(&to_be(part));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ec::AffineRepr;

    #[test]
    fn both_encodings_round_trip() {
        for g1 in [G1Affine::generator(), G1Affine::zero()] {
            let mut file = Vec::new();
            g1_to_file(&mut file, &g1);
            assert_eq!(g1_from_file(&file), Some(g1));
            assert_eq!(g1_from_border(&g1_to_border(&g1), "p"), Ok(g1));
        }
        for g2 in [G2Affine::generator(), G2Affine::zero()] {
            let mut file = Vec::new();
            g2_to_file(&mut file, &g2);
            assert_eq!(g2_from_file(&file), Some(g2));
            assert_eq!(g2_from_border(&g2_to_border(&g2), "p"), Ok(g2));
        }
    }

    #[test]
    fn refuses_points_off_the_curve_and_short_points() {
        let mut bytes = g1_to_border(&G1Affine::generator());
        bytes[63] ^= 1;
        assert!(g1_from_border(&bytes, "p").is_err());
        assert!(g1_from_border(&bytes[..63], "p").is_err());
        assert!(g1_from_border(&[0xff; 64], "p").is_err());
        assert!(g2_from_border(&[0xff; 128], "p").is_err());
        assert_eq!(g1_from_file(&[1; 20]), None);
        assert_eq!(g2_from_file(&[1; 70]), None);
    }

    #[test]
    fn refuses_g2_points_outside_the_subgroup() {
        let outside = (1u64..)
            .find_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::from(x), false))
            .filter(|p| !p.is_in_correct_subgroup_assuming_on_curve())
            .unwrap();
        assert!(g2_from_border(&g2_to_border(&outside), "p").is_err());
    }
}
