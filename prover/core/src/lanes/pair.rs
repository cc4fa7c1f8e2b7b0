//! Eight elements of the quadratic extension Fq[u] / (u^2 + 1).
//!
//! Bounds are on each component, as in [`super::field`].

use super::field::{Lanes, Modulus};
use super::isa::Isa;

pub struct Lanes2<F, I: Isa> {
    pub re: Lanes<F, I>,
    pub im: Lanes<F, I>,
}

impl<F, I: Isa> Copy for Lanes2<F, I> {}
impl<F, I: Isa> Clone for Lanes2<F, I> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Modulus, I: Isa> Lanes2<F, I> {
    #[inline(always)]
    pub fn one(isa: I) -> Self {
        Self { re: Lanes::splat(isa, F::one()), im: Lanes::zero(isa) }
    }

    /// The product of components below 6 p and 4 p, below 7/4 p: 48 / 84 + 8/7.
    #[inline(always)]
    pub fn mul(self, other: Self) -> Self {
        let minus_im = Lanes::zero(self.re.isa()).sub::<4>(other.im);
        Self {
            re: self.re.mul_add(other.re, self.im, minus_im),
            im: self.re.mul_add(other.im, self.im, other.re),
        }
    }

    /// The square of components below 2 p, below 7/4 p: (a + b u)^2 = (a + b)(a - b) + 2 a b u.
    #[inline(always)]
    pub fn square(self) -> Self {
        let sum = self.re.add_raw(self.im).normal();
        let difference = self.re.sub::<2>(self.im);
        Self { re: sum.mul(difference), im: self.re.add_raw(self.re).normal().mul(self.im) }
    }
}
