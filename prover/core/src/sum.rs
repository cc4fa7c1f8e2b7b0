//! Sums of products in the scalar field, reduced once for many products.
//!
//! A row of a circuit has few products, one here and one there: to put them together for [`crate::dot::dot`]
//! takes longer than its instructions save.

use crate::dot::plain::{add_product, reduced, Wide};
use crate::dot::MOST;
use ark_bn254::{Fr, FrConfig};
use ark_ff::{AdditiveGroup, BigInt};
use std::ops::{AddAssign, SubAssign};

/// A sum of elements and of products.
pub struct Sum {
    products: Wide,
    count: usize,
    rest: Fr,
}

impl Default for Sum {
    #[inline(always)]
    fn default() -> Self {
        Self { products: [0; 8], count: 0, rest: Fr::ZERO }
    }
}

impl Sum {
    #[inline(always)]
    pub fn add_product(&mut self, a: &Fr, b: &Fr) {
        if self.count == MOST {
            self.reduce();
        }
        add_product(&mut self.products, a, b);
        self.count += 1;
    }

    #[inline(always)]
    pub fn value(mut self) -> Fr {
        if self.count > 0 {
            self.reduce();
        }
        self.rest
    }

    #[inline(always)]
    fn reduce(&mut self) {
        let products = std::mem::take(&mut self.products);
        self.rest += Fr::new_unchecked(BigInt(reduced::<FrConfig>(products, self.count)));
        self.count = 0;
    }
}

impl AddAssign<&Fr> for Sum {
    #[inline(always)]
    fn add_assign(&mut self, value: &Fr) {
        self.rest += value;
    }
}

impl SubAssign<&Fr> for Sum {
    #[inline(always)]
    fn sub_assign(&mut self, value: &Fr) {
        self.rest -= value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dot::testing::{element, largest};
    use proptest::prelude::*;

    fn check(products: &[(Fr, Fr)], others: &[Fr]) {
        let mut sum = Sum::default();
        let mut expected = Fr::ZERO;
        for (a, b) in products {
            sum.add_product(a, b);
            expected += *a * b;
        }
        for (index, value) in others.iter().enumerate() {
            if index % 2 == 0 {
                sum += value;
                expected += value;
            } else {
                sum -= value;
                expected -= value;
            }
        }
        assert_eq!(sum.value(), expected);
    }

    #[test]
    fn as_many_of_the_largest_products_as_there_may_be() {
        for count in 0..=3 * MOST + 1 {
            check(&vec![(largest(), largest()); count], &[]);
        }
    }

    proptest! {
        #[test]
        fn as_in_arkworks(
            products in prop::collection::vec((element(), element()), 0..40),
            others in prop::collection::vec(element(), 0..5),
        ) {
            check(&products, &others);
        }
    }
}
