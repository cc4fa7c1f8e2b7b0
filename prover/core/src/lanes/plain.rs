//! The meaning of each operation in plain Rust: for tests on any processor, vectors included.

use super::field::{Modulus, MULTIPLES_IN_RANGE};
use super::isa::{self, Isa, Limbs, Task, BITS, LIMBS, MASK};
use super::LANES;

#[derive(Clone, Copy, Debug)]
pub struct Plain;

#[derive(Clone, Copy)]
pub struct Word([u64; LANES]);

impl Word {
    fn each(self, f: impl Fn(u64) -> u64) -> Self {
        Self(self.0.map(f))
    }

    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }
}

impl Isa for Plain {
    type Word = Word;
    const NAME: &'static str = "plain";

    fn detect() -> Option<Self> {
        Some(Self)
    }

    fn run<T: Task<Self>>(self, task: T) -> T::Output {
        task.run(self)
    }

    fn product<F: Modulus>(a: &Limbs<Self>, b: &Limbs<Self>) -> Limbs<Self> {
        montgomery::<F>(&[(a, b)])
    }

    fn product_sum<F: Modulus>(
        a: &Limbs<Self>,
        b: &Limbs<Self>,
        c: &Limbs<Self>,
        d: &Limbs<Self>,
    ) -> Limbs<Self> {
        montgomery::<F>(&[(a, b), (c, d)])
    }

    fn square<F: Modulus>(a: &Limbs<Self>) -> Limbs<Self> {
        montgomery::<F>(&[(a, a)])
    }
}

fn montgomery<F: Modulus>(factors: &[(&Limbs<Plain>, &Limbs<Plain>)]) -> Limbs<Plain> {
    let mut out = [Word([0; LANES]); LIMBS];
    for lane in 0..LANES {
        let mut t = [0u128; LIMBS + 1];
        for i in 0..LIMBS {
            for (a, b) in factors {
                for j in 0..LIMBS {
                    t[j] += u128::from(a[j].0[lane]) * u128::from(b[i].0[lane]);
                }
            }
            let m = (t[0] as u64).wrapping_mul(F::NEGATED_INVERSE) & MASK;
            for j in 0..LIMBS {
                t[j] += u128::from(m) * u128::from(F::P[j]);
            }
            let carry = t[0] >> BITS;
            t = [t[1] + carry, t[2], t[3], t[4], t[5], 0];
        }
        let mut carry = 0;
        for (out, limb) in out.iter_mut().zip(t) {
            let sum = limb + carry;
            out.0[lane] = sum as u64 & MASK;
            carry = sum >> BITS;
        }
        assert_eq!(carry, 0, "2^260 or more");
    }
    out
}

impl isa::Word for Word {
    type Isa = Plain;

    fn splat(_: Plain, value: u64) -> Self {
        Self([value; LANES])
    }

    fn load(_: Plain, lanes: &[u64; LANES]) -> Self {
        Self(*lanes)
    }

    fn store(self, lanes: &mut [u64; LANES]) {
        *lanes = self.0;
    }

    fn isa(self) -> Plain {
        Plain
    }

    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    fn sub(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_sub)
    }

    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    fn shl<const BITS: u32>(self) -> Self {
        self.each(|lane| lane << BITS)
    }

    fn shr<const BITS: u32>(self) -> Self {
        self.each(|lane| lane >> BITS)
    }

    fn carry(self) -> Self {
        self.each(|lane| (lane as i64 >> BITS) as u64)
    }

    fn add_where(self, mask: u8, left: Self, right: Self) -> Self {
        let sum = left.add(right);
        let chosen = |lane| if mask >> lane & 1 == 1 { sum.0[lane] } else { self.0[lane] };
        Self(std::array::from_fn(chosen))
    }

    fn quotient(self) -> Self {
        self.each(|lane| (lane * MULTIPLES_IN_RANGE) >> BITS)
    }

    fn limb_of(self, multiples: &[u64; LANES]) -> Self {
        self.each(|lane| multiples[lane as usize])
    }

    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        std::array::from_fn(|i| Self(std::array::from_fn(|j| rows[j].0[i])))
    }
}
