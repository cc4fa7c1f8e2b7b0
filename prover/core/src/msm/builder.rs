//! Which arithmetic is used, and what is built with it.

use super::groups::Workspaces;
use super::kernel::Kernel;
use super::multiples::Multiples;
use super::portable::Portable;
use super::table::Table;
#[cfg(any(target_arch = "x86_64", test))]
use super::vectors::Vectors;
use super::{Bases, Load};
use crate::error::{Error, Result};
#[cfg(test)]
use crate::lanes::Plain;
#[cfg(target_arch = "x86_64")]
use crate::lanes::{Avx2, Ifma};
#[cfg(any(target_arch = "x86_64", test))]
use crate::lanes::{Isa, Lanes, Lanes2};
use crate::store::Source;
use ark_bn254::{g1, g2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::PrimeGroup;
use std::sync::Arc;

/// The environment variable that chooses among what the processor has.
const VARIABLE: &str = "ZKMARGIN_KERNELS";

/// Which arithmetic to use. What a processor does not have is replaced by the portable one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    Ifma,
    Avx2,
    Portable,
    /// Vectors in plain Rust, so that tests run them anywhere.
    #[cfg(test)]
    Plain,
}

impl Kernels {
    /// What this processor has, fastest first.
    pub fn available() -> Vec<Self> {
        let mut out = Vec::new();
        #[cfg(target_arch = "x86_64")]
        out.extend(Ifma::detect().map(|_| Self::Ifma));
        #[cfg(target_arch = "x86_64")]
        out.extend(Avx2::detect().map(|_| Self::Avx2));
        out.push(Self::Portable);
        out
    }

    /// What this processor has, and vectors in plain Rust.
    #[cfg(test)]
    pub fn tested() -> Vec<Self> {
        [Self::available(), vec![Self::Plain]].concat()
    }

    pub fn fastest() -> Self {
        Self::available()[0]
    }

    /// The fastest, unless the environment names another. Refuses a name that is none of those here.
    pub fn from_environment() -> Result<Self> {
        match std::env::var(VARIABLE) {
            Ok(name) if !name.is_empty() => Self::named(&name),
            _ => Ok(Self::fastest()),
        }
    }

    pub fn named(name: &str) -> Result<Self> {
        let available = Self::available();
        let names: Vec<_> = available.iter().map(|kernels| kernels.name()).collect();
        let found = names.iter().position(|known| *known == name).map(|index| available[index]);
        let names = names.join(", ");
        let reason =
            format!("{VARIABLE} must be one of these on this processor: {names}; or unset");
        found.ok_or(Error::Format(reason))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Ifma => "ifma",
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
            #[cfg(test)]
            Self::Plain => "plain",
        }
    }
}

/// Multiplies one point by each scalar of a list.
pub type Multiply<'a, P> = Box<dyn Fn(&[Fr]) -> Vec<P> + 'a>;

/// Builds tables that share their working memory.
pub trait Builder: Send + Sync {
    /// Names the arithmetic's encoding of stored rows.
    fn encoding(&self) -> &'static str;
    /// Names the instructions that the arithmetic is made for.
    fn instructions(&self) -> &'static str;

    fn g1(&self, points: &[G1Affine], load: Load) -> Bases<G1Projective>;
    fn g2(&self, points: &[G2Affine], load: Load) -> Bases<G2Projective>;

    /// A table of this encoding as [`super::FixedBases::stored`] gave it, for sums of `scalars`
    /// scalars.
    fn open_g1(&self, source: Source<'_>, scalars: usize) -> Result<Bases<G1Projective>>;
    fn open_g2(&self, source: Source<'_>, scalars: usize) -> Result<Bases<G2Projective>>;

    /// For multiples of the generator, so many in all. Times depend on the scalars.
    fn g1_generator(&self, expected: usize) -> Multiply<'_, G1Affine>;
    fn g2_generator(&self, expected: usize) -> Multiply<'_, G2Affine>;
}

pub fn builder(kernels: Kernels) -> Box<dyn Builder> {
    match kernels {
        #[cfg(target_arch = "x86_64")]
        Kernels::Ifma => Ifma::detect().map_or_else(portable, vectors),
        #[cfg(target_arch = "x86_64")]
        Kernels::Avx2 => Avx2::detect().map_or_else(portable, vectors),
        #[cfg(test)]
        Kernels::Plain => vectors(Plain),
        _ => portable(),
    }
}

fn portable() -> Box<dyn Builder> {
    let (g1, g2) = (Portable::<g1::Config>::default(), Portable::<g2::Config>::default());
    Box::new(Of::new("portable", g1, g2))
}

#[cfg(any(target_arch = "x86_64", test))]
fn vectors<I: Isa>(isa: I) -> Box<dyn Builder> {
    let g1 = Vectors::<Lanes<_, I>>::new(isa);
    let g2 = Vectors::<Lanes2<_, I>>::new(isa);
    Box::new(Of::new(I::NAME, g1, g2))
}

/// Builds with a kernel for each curve.
struct Of<K1: Kernel, K2: Kernel> {
    instructions: &'static str,
    g1: K1,
    g2: K2,
    g1_spaces: Arc<Workspaces<K1>>,
    g2_spaces: Arc<Workspaces<K2>>,
}

impl<K1: Kernel, K2: Kernel> Of<K1, K2> {
    fn new(instructions: &'static str, g1: K1, g2: K2) -> Self {
        Self { instructions, g1, g2, g1_spaces: Arc::default(), g2_spaces: Arc::default() }
    }
}

impl<K1, K2> Builder for Of<K1, K2>
where
    K1: Kernel<Curve = g1::Config>,
    K2: Kernel<Curve = g2::Config>,
{
    fn encoding(&self) -> &'static str {
        K1::NAME
    }

    fn instructions(&self) -> &'static str {
        self.instructions
    }

    fn g1(&self, points: &[G1Affine], load: Load) -> Bases<G1Projective> {
        Box::new(Table::new(self.g1, points, load, self.g1_spaces.clone()))
    }

    fn g2(&self, points: &[G2Affine], load: Load) -> Bases<G2Projective> {
        Box::new(Table::new(self.g2, points, load, self.g2_spaces.clone()))
    }

    fn open_g1(&self, source: Source<'_>, scalars: usize) -> Result<Bases<G1Projective>> {
        Ok(Box::new(Table::open(self.g1, source, scalars, self.g1_spaces.clone())?))
    }

    fn open_g2(&self, source: Source<'_>, scalars: usize) -> Result<Bases<G2Projective>> {
        Ok(Box::new(Table::open(self.g2, source, scalars, self.g2_spaces.clone())?))
    }

    fn g1_generator(&self, expected: usize) -> Multiply<'_, G1Affine> {
        let generator = Multiples::new(self.g1, G1Projective::generator(), expected);
        Box::new(move |scalars| generator.multiply(scalars, &self.g1_spaces))
    }

    fn g2_generator(&self, expected: usize) -> Multiply<'_, G2Affine> {
        let generator = Multiples::new(self.g2, G2Projective::generator(), expected);
        Box::new(move |scalars| generator.multiply(scalars, &self.g2_spaces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_choose_what_the_processor_has() {
        for kernels in Kernels::available() {
            assert_eq!(Kernels::named(kernels.name()), Ok(kernels));
        }
        let Err(Error::Format(reason)) = Kernels::named("fastest") else { panic!("accepted") };
        assert!(reason.contains("ZKMARGIN_KERNELS") && reason.contains("portable"), "{reason}");
    }

    #[test]
    fn what_the_processor_lacks_is_replaced_by_the_portable_arithmetic() {
        for kernels in [Kernels::Ifma, Kernels::Avx2] {
            let own = builder(kernels).instructions();
            assert_eq!(own == "portable", !Kernels::available().contains(&kernels));
        }
    }
}
