//! Eight elements of the quadratic extension Fq[u] / (u^2 + 1).
//!
//! Bounds are on each component, as in [`super::field`].

use super::field::{Lanes, Modulus};
use super::Ifma;

#[derive(Clone, Copy)]
pub struct Lanes2<F> {
    pub re: Lanes<F>,
    pub im: Lanes<F>,
}

impl<F: Modulus> Lanes2<F> {
    #[inline(always)]
    pub fn one(ifma: Ifma) -> Self {
        Self { re: Lanes::splat(ifma, F::one()), im: Lanes::zero(ifma) }
    }

    /// The product of components below 4 p, below 3/2 p: 32 / 84 + 1.
    #[inline(always)]
    pub fn mul(self, other: Self) -> Self {
        let minus_im = Lanes::zero(self.re.ifma()).sub::<4>(other.im);
        Self {
            re: self.re.mul_add(other.re, self.im, minus_im),
            im: self.re.mul_add(other.im, self.im, other.re),
        }
    }

    /// The square of components below 2 p, below 3/2 p: (a + b u)^2 = (a + b)(a - b) + 2 a b u.
    #[inline(always)]
    pub fn square(self) -> Self {
        let sum = self.re.add_raw(self.im).normal();
        let difference = self.re.sub::<2>(self.im);
        Self { re: sum.mul(difference), im: self.re.add_raw(self.re).normal().mul(self.im) }
    }
}
