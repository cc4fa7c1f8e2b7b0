//! Sums of many points times scalars, for points that are fixed once a key is loaded.
//!
//! The bucket method with tables: see [`shape`] for the arithmetic, [`groups`] for how buckets are
//! added up. Zeros are free; scalars are taken with their sign and have as many digits as they need,
//! so bits and small values of either sign are cheap.

#[cfg(all(test, target_arch = "x86_64"))]
mod bound_tests;
mod combine;
mod digits;
mod groups;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod kernel;
mod multiples;
mod portable;
mod rows;
mod shape;
mod table;
#[cfg(test)]
mod tests;

use crate::error::Result;
#[cfg(target_arch = "x86_64")]
use crate::lanes::{Ifma, Lanes, Lanes2};
use crate::store::Source;
use ark_bn254::{g1, g2, Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::{BigInt, PrimeField};
use groups::Workspaces;
#[cfg(target_arch = "x86_64")]
use ifma::Vectors;
use kernel::Kernel;
use multiples::Multiples;
use portable::Portable;
pub use rows::Row;
use std::sync::Arc;
pub use table::Stored;
use table::Table;

/// Points fixed when it was built.
pub trait FixedBases: Send + Sync {
    type Group;

    /// `sum of scalars[i] * point i`, one scalar below r for each point it was built from.
    fn sum(&self, scalars: &[BigInt<4>]) -> Self::Group;

    /// Memory that the points and their multiples take.
    fn bytes(&self) -> usize;

    /// What [`Builder`] opens again.
    fn stored(&self) -> Stored<'_>;
}

pub type Bases<G> = Box<dyn FixedBases<Group = G>>;

/// Which arithmetic to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    Portable,
    /// AVX-512 IFMA where the processor has it.
    Fastest,
}

impl Kernels {
    /// The fastest, unless the environment variable `ZKMARGIN_KERNELS` is `portable`.
    pub fn from_environment() -> Self {
        match std::env::var_os("ZKMARGIN_KERNELS") {
            Some(name) if name == "portable" => Self::Portable,
            _ => Self::Fastest,
        }
    }
}

/// What a table is built for.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The expected work of a scalar, as a share of a full-size one's.
    pub density: f64,
    /// Bytes that the table may take, if it is to hold more than the points themselves.
    pub budget: usize,
}

/// Builds tables that share their working memory.
pub enum Builder {
    Portable {
        g1: Spaces<Portable<g1::Config>>,
        g2: Spaces<Portable<g2::Config>>,
    },
    #[cfg(target_arch = "x86_64")]
    Ifma {
        ifma: Ifma,
        g1: Spaces<Vectors<Lanes<Fq>>>,
        g2: Spaces<Vectors<Lanes2<Fq>>>,
    },
}

type Spaces<K> = Arc<Workspaces<K>>;

impl Builder {
    pub fn new(kernels: Kernels) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let (Kernels::Fastest, Some(ifma)) = (kernels, Ifma::detect()) {
            return Self::Ifma { ifma, g1: Spaces::default(), g2: Spaces::default() };
        }
        let _ = kernels;
        Self::Portable { g1: Spaces::default(), g2: Spaces::default() }
    }

    pub fn g1(&self, points: &[G1Affine], load: Load) -> Bases<G1Projective> {
        match self {
            Self::Portable { g1, .. } => {
                Box::new(Table::new(Portable::default(), points, load, g1.clone()))
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { ifma, g1, .. } => {
                Box::new(Table::new(Vectors::new(*ifma), points, load, g1.clone()))
            }
        }
    }

    pub fn g2(&self, points: &[G2Affine], load: Load) -> Bases<G2Projective> {
        match self {
            Self::Portable { g2, .. } => {
                Box::new(Table::new(Portable::default(), points, load, g2.clone()))
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { ifma, g2, .. } => {
                Box::new(Table::new(Vectors::new(*ifma), points, load, g2.clone()))
            }
        }
    }
}

impl Builder {
    /// Names the arithmetic, and with it the encoding of stored rows.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Portable { .. } => <Portable<g1::Config> as Kernel>::NAME,
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { .. } => <Vectors<Lanes<Fq>> as Kernel>::NAME,
        }
    }

    /// Names the instructions that the arithmetic is made for.
    pub fn instructions(&self) -> &'static str {
        match self {
            Self::Portable { .. } => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { .. } => "AVX-512 IFMA",
        }
    }

    /// A table of this arithmetic as [`FixedBases::stored`] gave it, for sums of `scalars` scalars.
    pub fn open_g1(&self, source: Source<'_>, scalars: usize) -> Result<Bases<G1Projective>> {
        Ok(match self {
            Self::Portable { g1, .. } => {
                Box::new(Table::open(Portable::default(), source, scalars, g1.clone())?)
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { ifma, g1, .. } => {
                Box::new(Table::open(Vectors::new(*ifma), source, scalars, g1.clone())?)
            }
        })
    }

    /// The same in G2.
    pub fn open_g2(&self, source: Source<'_>, scalars: usize) -> Result<Bases<G2Projective>> {
        Ok(match self {
            Self::Portable { g2, .. } => {
                Box::new(Table::open(Portable::default(), source, scalars, g2.clone())?)
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { ifma, g2, .. } => {
                Box::new(Table::open(Vectors::new(*ifma), source, scalars, g2.clone())?)
            }
        })
    }

    /// `scalar * generator` for each scalar. Times depend on the scalars.
    pub fn g1_multiples(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        let point = G1Projective::generator();
        match self {
            Self::Portable { g1, .. } => {
                Multiples::new(Portable::default(), point).multiply(scalars, g1)
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { ifma, g1, .. } => {
                Multiples::new(Vectors::new(*ifma), point).multiply(scalars, g1)
            }
        }
    }

    pub fn g2_multiples(&self, scalars: &[Fr]) -> Vec<G2Affine> {
        let point = G2Projective::generator();
        match self {
            Self::Portable { g2, .. } => {
                Multiples::new(Portable::default(), point).multiply(scalars, g2)
            }
            #[cfg(target_arch = "x86_64")]
            Self::Ifma { ifma, g2, .. } => {
                Multiples::new(Vectors::new(*ifma), point).multiply(scalars, g2)
            }
        }
    }
}

/// A one-off sum in G1, for public scalars.
pub fn sum_g1(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let integers: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
    Builder::new(Kernels::Fastest).g1(points, Load { density: 1.0, budget: 0 }).sum(&integers)
}
