//! Eight lanes against arkworks, at the bounds of each lazy reduction.

use super::field::{decode, Lanes, Modulus};
use super::{Ifma, Lanes2, Task, LANES};
use ark_bn254::{Fq, Fq2, Fr};
use ark_ff::{BigInt, BigInteger, PrimeField};
use proptest::prelude::*;

/// `k p` plus or minus a little, or anything below 4 p.
fn plain<F: Modulus>() -> impl Strategy<Value = [u64; 4]> {
    let near = (0u64..5, 0u64..3, any::<bool>()).prop_map(|(k, distance, above)| {
        let mut value = BigInt::<4>::from(0u64);
        for _ in 0..k {
            value.add_with_carry(&F::MODULUS);
        }
        match above && k < 4 || k == 0 {
            true => value.add_with_carry(&BigInt::from(distance)),
            false => value.sub_with_borrow(&BigInt::from(distance + 1)),
        };
        value.0
    });
    let anything = any::<[u64; 4]>().prop_map(|mut limbs| {
        limbs[3] %= 4 * F::MODULUS.0[3];
        limbs
    });
    prop_oneof![near, anything]
}

type Eight = [[u64; 4]; LANES];

fn eight<F: Modulus>() -> impl Strategy<Value = Eight> {
    prop::array::uniform8(plain::<F>())
}

/// Runs `work` where the instructions are; it is compiled without them, which is slow but correct.
struct With<W>(W);

impl<T, W: FnOnce(Ifma) -> T> Task for With<W> {
    type Output = T;
    fn run(self, ifma: Ifma) -> T {
        (self.0)(ifma)
    }
}

fn check<F: Modulus>(
    (a, b, c, d): (Eight, Eight, Eight, Eight),
    mask: u8,
) -> Result<(), TestCaseError> {
    let Some(ifma) = Ifma::detect() else { return Ok(()) };
    let [av, bv, cv, dv] = [a, b, c, d].map(|plain| plain.map(decode::<F>));
    let each = |f: &dyn Fn(usize) -> F| std::array::from_fn::<F, LANES, _>(f);
    let got = ifma.run(With(|ifma| {
        let [a, b, c, d] = [a, b, c, d].map(|plain| Lanes::<F>::from_plain(ifma, plain));
        assert!([a, b, c, d].iter().all(|x| x.below(4)));
        let product = a.mul(b);
        let both = a.mul_add(b, c, d);
        let square = a.square();
        assert!(product.below(2) && both.below(2) && square.below(2));
        let difference = a.sub::<4>(b);
        let reduced = a.add_raw(c.mul(d)).reduced();
        assert!(difference.below(8) && reduced.below(2));
        let signed = a.mul(c).plus::<2>().sub_signed(b.mul(d), mask).reduced();
        [product, both, square, difference.mul(c), reduced, signed].map(Lanes::to_array)
    }));
    prop_assert_eq!(got[0], each(&|i| av[i] * bv[i]));
    prop_assert_eq!(got[1], each(&|i| av[i] * bv[i] + cv[i] * dv[i]));
    prop_assert_eq!(got[2], each(&|i| av[i] * av[i]));
    prop_assert_eq!(got[3], each(&|i| (av[i] - bv[i]) * cv[i]));
    prop_assert_eq!(got[4], each(&|i| av[i] + cv[i] * dv[i]));
    let signed = |i: usize| match mask >> i & 1 {
        1 => av[i] * cv[i] + bv[i] * dv[i],
        _ => av[i] * cv[i] - bv[i] * dv[i],
    };
    prop_assert_eq!(got[5], each(&signed));
    Ok(())
}

proptest! {
    #[test]
    fn base_field(values in (eight::<Fq>(), eight::<Fq>(), eight::<Fq>(), eight::<Fq>()), mask: u8) {
        check::<Fq>(values, mask)?;
    }

    #[test]
    fn scalar_field(values in (eight::<Fr>(), eight::<Fr>(), eight::<Fr>(), eight::<Fr>()), mask: u8) {
        check::<Fr>(values, mask)?;
    }

    #[test]
    fn quadratic_extension(a in eight::<Fq>(), b in eight::<Fq>(), c in eight::<Fq>(), d in eight::<Fq>()) {
        let Some(ifma) = Ifma::detect() else { return Ok(()) };
        let (product, square) = ifma.run(With(|ifma| {
            let [a, b, c, d] = [a, b, c, d].map(|plain| Lanes::<Fq>::from_plain(ifma, plain));
            let small = |x: Lanes<Fq>| x.mul(Lanes::splat(ifma, Fq::from(1u64)));
            let (x, y) = (Lanes2 { re: a, im: b }, Lanes2 { re: c, im: d });
            let square = Lanes2 { re: small(a), im: small(b) }.square();
            let product = x.mul(y);
            assert!([product.re, product.im, square.re, square.im].iter().all(|part| part.below(2)));
            ([product.re, product.im].map(Lanes::to_array), [square.re, square.im].map(Lanes::to_array))
        }));
        for i in 0..LANES {
            let x = Fq2::new(decode(a[i]), decode(b[i]));
            let y = Fq2::new(decode(c[i]), decode(d[i]));
            prop_assert_eq!(Fq2::new(product[0][i], product[1][i]), x * y);
            prop_assert_eq!(Fq2::new(square[0][i], square[1][i]), x * x);
        }
    }

    #[test]
    fn lanes_hold_what_was_put_in(plain in eight::<Fq>()) {
        let Some(ifma) = Ifma::detect() else { return Ok(()) };
        let values = plain.map(decode::<Fq>);
        prop_assert_eq!(Lanes::from_array(ifma, values).to_array(), values);
        prop_assert_eq!(Lanes::<Fq>::from_plain(ifma, plain).to_plain(), plain);
    }
}

/// Every multiple of the modulus that `reduced` takes, one below and one above.
#[test]
fn reduction_at_every_multiple() {
    let Some(ifma) = Ifma::detect() else { return };
    let two_p = {
        let mut two_p = Fq::MODULUS;
        two_p.add_with_carry(&Fq::MODULUS);
        two_p
    };
    for distance in [-1i64, 0, 1] {
        let base = Fq::from(distance);
        for multiples in 1..3u64 {
            let mut plain = base.radix_256();
            for _ in 1..multiples {
                plain.add_with_carry(&Fq::MODULUS);
            }
            let lanes = Lanes::<Fq>::from_plain(ifma, [plain.0; LANES]);
            let two_p = Lanes::<Fq>::from_plain(ifma, [two_p.0; LANES]);
            let reduced = lanes.add_raw(two_p).add_raw(two_p).reduced();
            assert!(reduced.below(2));
            assert_eq!(reduced.to_plain().map(decode::<Fq>), [plain.0; LANES].map(decode));
        }
    }
}
