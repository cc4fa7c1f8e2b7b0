//! The final exponentiation, with a power of x in digits of four bits instead of single ones.

use super::tower::{cyclotomic_square12 as square, inverse12, multiply12 as multiply};
use ark_bn254::{Config, Fq12};
use ark_ec::bn::BnConfig;
use ark_ff::{BigInt, BigInteger, Field};

/// `f^((p^12 - 1) / r * 2x(6x^2 + 3x + 1))`, the value of arkworks' `Bn254::final_exponentiation`
/// (Fuentes-Castaneda, Knapp, Rodriguez-Henriquez 2011); None for 0.
pub fn final_exponentiation(f: Fq12) -> Option<Fq12> {
    // f^((p^6 - 1)(p^2 + 1)): from here on an inverse is a conjugate, and squarings are cheap.
    let f = multiply(&conjugate(f), &inverse12(&f)?);
    let f = multiply(&frobenius(f, 2), &f);
    let two_x = square(&power_of_x(f));
    let six_x = multiply(&square(&two_x), &two_x);
    let six_x2 = power_of_x(six_x);
    let twelve_x3 = power_of_x(square(&six_x2));
    // 12x^3 + 6x^2 + 6x, and the four digits to the base p.
    let sum = multiply(&multiply(&twelve_x3, &six_x2), &six_x);
    let second = multiply(&sum, &conjugate(two_x));
    let first = multiply(&multiply(&sum, &six_x2), &f);
    let last = multiply(&second, &conjugate(f));
    let digits = [frobenius(second, 1), frobenius(sum, 2), frobenius(last, 3)];
    Some(digits.iter().fold(first, |product, digit| multiply(&product, digit)))
}

fn conjugate(mut f: Fq12) -> Fq12 {
    f.conjugate_in_place();
    f
}

fn frobenius(mut f: Fq12, power: usize) -> Fq12 {
    f.frobenius_map_in_place(power);
    f
}

const WIDTH: usize = 4;
const ODD: usize = 1 << (WIDTH - 2);

/// `f^x` for an f whose inverse is its conjugate.
fn power_of_x(f: Fq12) -> Fq12 {
    let mut odd = [f; ODD];
    let square_of_f = square(&f);
    for index in 1..ODD {
        odd[index] = multiply(&odd[index - 1], &square_of_f);
    }
    let digits = BigInt::new([Config::X[0]]).find_wnaf(WIDTH).unwrap_or_default();
    let mut places = digits.iter().rev().skip_while(|digit| **digit == 0);
    let Some(highest) = places.next() else { return f };
    let mut power = odd[*highest as usize / 2];
    for digit in places {
        power = square(&power);
        let factor = odd[digit.unsigned_abs() as usize / 2];
        match digit.signum() {
            1 => power = multiply(&power, &factor),
            -1 => power = multiply(&power, &conjugate(factor)),
            _ => {}
        }
    }
    power
}

const _: () = assert!(Config::X.len() == 1 && Config::X[0] > 0 && !Config::X_IS_NEGATIVE);

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{Bn254, Fq, Fq2, Fq6};
    use ark_ec::pairing::{MillerLoopOutput, Pairing};
    use ark_ff::AdditiveGroup;

    #[test]
    fn the_value_is_that_of_arkworks() {
        let element = |k: u64| {
            let two = |j: u64| Fq2::new(Fq::from(k * j), -Fq::from(k + 7 * j));
            let six = |j: u64| Fq6::new(two(j), two(j + 1), two(j + 2));
            Fq12::new(six(1), six(4))
        };
        for f in (1..20).map(element).chain([Fq12::ONE, -Fq12::ONE]) {
            let expected =
                Bn254::final_exponentiation(MillerLoopOutput(f)).map(|pairing| pairing.0);
            assert_eq!(final_exponentiation(f), expected);
        }
        assert_eq!(final_exponentiation(Fq12::ZERO), None);
    }
}
