//! Field elements as bytes: the one place where they are read, written and drawn at random.

use crate::error::{damaged, demand, Error, Result};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, Fp, MontBackend, MontConfig, PrimeField, Zero};
use rayon::prelude::*;
use sha2::{Digest, Sha512};
use zeroize::Zeroize;

/// Bytes of one element of either field.
pub const ELEMENT: usize = 32;
/// Elements that a parallel task reads at least.
const MIN_ELEMENTS: usize = 1024;

/// The 32-byte chunk at the start of `bytes`; callers have checked the length.
fn limbs_le(bytes: &[u8]) -> BigInt<4> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        let mut word = [0u8; 8];
        word.copy_from_slice(chunk);
        *limb = u64::from_le_bytes(word);
    }
    BigInt(limbs)
}

fn reversed(bytes: &[u8]) -> [u8; ELEMENT] {
    let mut out = [0u8; ELEMENT];
    for (to, from) in out.iter_mut().zip(bytes.iter().rev()) {
        *to = *from;
    }
    out
}

/// Reads a standard-form little-endian element, refusing values that are not below the modulus.
pub fn from_le<F: PrimeField<BigInt = BigInt<4>>>(bytes: &[u8]) -> Option<F> {
    (bytes.len() == ELEMENT).then(|| F::from_bigint(limbs_le(bytes)))?
}

/// Reads a standard-form big-endian element, refusing values that are not below the modulus.
pub fn from_be<F: PrimeField<BigInt = BigInt<4>>>(bytes: &[u8]) -> Option<F> {
    (bytes.len() == ELEMENT).then(|| F::from_bigint(limbs_le(&reversed(bytes))))?
}

pub fn to_le<F: PrimeField<BigInt = BigInt<4>>>(value: &F) -> [u8; ELEMENT] {
    limbs_to_le(&value.into_bigint())
}

pub fn to_be<F: PrimeField<BigInt = BigInt<4>>>(value: &F) -> [u8; ELEMENT] {
    reversed(&to_le(value))
}

/// In one piece of memory, which a caller can wipe.
pub fn all_to_be<F: PrimeField<BigInt = BigInt<4>>>(values: &[F]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() * ELEMENT);
    values.iter().for_each(|value| out.extend_from_slice(&to_be(value)));
    out
}

pub fn limbs_to_le(limbs: &BigInt<4>) -> [u8; ELEMENT] {
    let mut out = [0u8; ELEMENT];
    for (chunk, limb) in out.chunks_exact_mut(8).zip(limbs.0) {
        chunk.copy_from_slice(&limb.to_le_bytes());
    }
    out
}

/// Reads the limbs of an element kept in Montgomery form, as zkey files keep them.
pub fn from_montgomery_le<C: MontConfig<4>>(bytes: &[u8]) -> Option<Fp<MontBackend<C, 4>, 4>> {
    if bytes.len() != ELEMENT {
        return None;
    }
    let limbs = limbs_le(bytes);
    (limbs < C::MODULUS).then(|| Fp::new_unchecked(limbs))
}

/// The limbs of the Montgomery form, little-endian.
pub fn to_montgomery_le<C: MontConfig<4>>(value: &Fp<MontBackend<C, 4>, 4>) -> [u8; ELEMENT] {
    limbs_to_le(&value.0)
}

/// Reads a list of scalars laid end to end, each 32 bytes little-endian.
pub fn scalars_le(bytes: &[u8]) -> Result<Vec<Fr>> {
    scalars(bytes, from_le)
}

/// Reads a list of scalars laid end to end, each 32 bytes big-endian.
pub fn scalars_be(bytes: &[u8]) -> Result<Vec<Fr>> {
    scalars(bytes, from_be)
}

fn scalars(bytes: &[u8], read: impl Fn(&[u8]) -> Option<Fr> + Sync) -> Result<Vec<Fr>> {
    let (elements, rest) = bytes.as_chunks::<ELEMENT>();
    demand(rest.is_empty(), "a list of scalars must be a multiple of 32 bytes")?;
    let mut out = vec![Fr::ZERO; elements.len()];
    let refuse = |(index, (place, element)): (usize, (&mut Fr, &[u8; ELEMENT]))| {
        let value = read(element);
        *place = value.unwrap_or_default();
        value.is_none().then_some(index)
    };
    // A few values do not start threads.
    let refused = if elements.len() < MIN_ELEMENTS {
        out.iter_mut().zip(elements).enumerate().filter_map(refuse).min()
    } else {
        let places = out.par_iter_mut().zip(elements).enumerate().with_min_len(MIN_ELEMENTS);
        places.filter_map(refuse).min()
    };
    match refused {
        Some(index) => damaged(format!("scalar {index} is not below the field's modulus")),
        None => Ok(out),
    }
}

/// Decimal digits to a field element: digits only, no leading zero, below the modulus.
pub fn from_decimal<F: PrimeField>(text: &str) -> Option<F> {
    let canonical = !text.is_empty()
        && text.len() <= 78
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if !canonical {
        return None;
    }
    let value =
        text.bytes().fold(F::zero(), |acc, b| acc * F::from(10u64) + F::from(u64::from(b - b'0')));
    // Reduction shows as a different decimal text.
    (to_decimal(&value) == text).then_some(value)
}

pub fn to_decimal<F: PrimeField>(value: &F) -> String {
    value.into_bigint().to_string()
}

/// Where random field elements come from.
pub enum Randomness {
    /// The operating system, asked anew for every element.
    Os,
    /// A repeatable stream for tests: SHA-512(seed, counter).
    Seed { seed: Vec<u8>, counter: u64 },
}

impl Randomness {
    pub fn from_seed(seed: &[u8]) -> Self {
        Self::Seed { seed: seed.to_vec(), counter: 0 }
    }

    /// Fills `out` from the source.
    fn fill(&mut self, out: &mut [u8; 64]) -> Result<()> {
        match self {
            Self::Os => getrandom::fill(out)
                .map_err(|_| Error::Proof("the operating system gave no randomness".into())),
            Self::Seed { seed, counter } => {
                let mut hash = Sha512::new();
                hash.update(b"zkmargin test randomness");
                hash.update(counter.to_le_bytes());
                hash.update(&*seed);
                out.copy_from_slice(&hash.finalize());
                *counter += 1;
                Ok(())
            }
        }
    }

    /// A scalar that is neither 0 nor 1; 512 bits reduced, so its bias is below 2^-250.
    pub fn scalar(&mut self) -> Result<Fr> {
        let mut bytes = [0u8; 64];
        loop {
            self.fill(&mut bytes)?;
            let value = Fr::from_le_bytes_mod_order(&bytes);
            bytes.zeroize();
            if !value.is_zero() && value != Fr::ONE {
                return Ok(value);
            }
        }
    }

    /// Two words of 64 bits.
    pub fn words(&mut self) -> Result<[u64; 2]> {
        let mut bytes = [0u8; 64];
        self.fill(&mut bytes)?;
        let [first, second, ..] = bytes.as_chunks().0 else { unreachable!("64 bytes") };
        Ok([u64::from_le_bytes(*first), u64::from_le_bytes(*second)])
    }
}

impl Drop for Randomness {
    fn drop(&mut self) {
        if let Self::Seed { seed, .. } = self {
            seed.zeroize();
        }
    }
}

/// True for the base field's bytes of zero: how both file and border encodings write infinity.
pub fn all_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| *b == 0)
}

/// The modulus as 32 little-endian bytes.
pub fn modulus_le<F: PrimeField<BigInt = BigInt<4>>>() -> [u8; ELEMENT] {
    limbs_to_le(&F::MODULUS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_order_and_refused_for_the_first_that_is_too_large() {
        for count in [0, 1, MIN_ELEMENTS - 1, MIN_ELEMENTS, 3 * MIN_ELEMENTS + 7] {
            let values: Vec<Fr> = (0..count as u64).map(|k| -Fr::from(k * k + 1)).collect();
            let bytes = all_to_be(&values);
            assert_eq!(scalars_be(&bytes), Ok(values.clone()));
            let little: Vec<u8> = values.iter().flat_map(to_le).collect();
            assert_eq!(scalars_le(&little), Ok(values));
            for first in [0, count / 3, count.saturating_sub(1)].into_iter().filter(|k| *k < count)
            {
                let mut bytes = bytes.clone();
                for index in [first, count - 1] {
                    bytes[ELEMENT * index..][..ELEMENT].fill(0xff);
                }
                let reason = format!("scalar {first} is not below the field's modulus");
                assert_eq!(scalars_be(&bytes), damaged(reason));
            }
        }
        assert!(scalars_be(&[0; ELEMENT + 1]).is_err());
    }
}
