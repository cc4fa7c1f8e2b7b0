//! .zkey: snarkjs's Groth16 proving key (protocol 1, as snarkjs 0.7 reads and writes it), and a section
//! of our own that snarkjs passes over.

use crate::error::{damaged, demand, Result};
use crate::field::{from_montgomery_le, modulus_le, to_montgomery_le, ELEMENT};
use crate::formats::container::{put_u32, sections, Cursor, Sections, Writer};
use crate::formats::points::{
    g1_from_file, g1_to_file, g2_from_file, g2_to_file, G1_BYTES, G2_BYTES,
};
use crate::formats::zkey_checks::check_points;
use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{Field, PrimeField};
use rayon::prelude::*;

/// The largest domain: the quotient needs roots of unity of twice its order, and r - 1 = 2^28 * odd.
const MAX_DOMAIN: usize = 1 << 27;

/// Which matrix an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    A,
    B,
}

/// One entry of matrix A or B: `value * wire` in row `row`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub side: Side,
    pub row: u32,
    pub wire: u32,
    pub value: Fr,
}

/// The part of a key that a verifier needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierPart {
    pub alpha1: G1Affine,
    pub beta2: G2Affine,
    pub gamma2: G2Affine,
    pub delta2: G2Affine,
    pub ic: Vec<G1Affine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zkey {
    pub n_wires: usize,
    pub n_public: usize,
    pub domain: usize,
    pub verifier: VerifierPart,
    pub beta1: G1Affine,
    pub delta1: G1Affine,
    pub entries: Vec<Entry>,
    /// One point a wire.
    pub a: Vec<G1Affine>,
    pub b1: Vec<G1Affine>,
    pub b2: Vec<G2Affine>,
    /// One point a private wire.
    pub c: Vec<G1Affine>,
    /// One point a row of the domain.
    pub h: Vec<G1Affine>,
    /// If the key's maker added them.
    pub by_row: Option<RowPoints>,
}

/// Points over which the quotient is summed by rows, without its values elsewhere and without C.
///
/// With Z the domain's vanishing polynomial and `D f = x f' / n`, the quotient `(A B - C) / Z` has at
/// the root of row i the value `a_i (D B)_i + (D A)_i b_i - (D C)_i`, by l'Hopital's rule. So it is the sum
/// of the first two terms over `rows`, which are zero where a_i and b_i are, and of the witness over
/// `wires`, for the third is linear in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPoints {
    /// One point a row up to the last that has a term in A or B: `L_i(tau) Z(tau) / delta`.
    pub rows: Vec<G1Affine>,
    /// One point a wire: its point in C, or infinity for a public one, and `-(D C_j)(tau) Z(tau) / delta`
    /// for its column C_j.
    pub wires: Vec<G1Affine>,
}

/// The section of [`RowPoints`], `rows` first, which other programs do not know and pass over.
const BY_ROW: u32 = 0x7a6b_0002;

/// How far the points of a key are checked when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointChecks {
    /// On the curve, and G2 points in the subgroup.
    Full,
    /// Encoding only: for a file that this machine checked before and pinned by its hash.
    Trusted,
}

struct Header {
    n_wires: usize,
    n_public: usize,
    domain: usize,
    alpha1: G1Affine,
    beta1: G1Affine,
    beta2: G2Affine,
    gamma2: G2Affine,
    delta1: G1Affine,
    delta2: G2Affine,
}

fn read_header(parts: &Sections<'_>) -> Result<Header> {
    let mut protocol = parts.get(1)?;
    demand(protocol.u32()? == 1, "the proving key is not a Groth16 key")?;
    protocol.finish()?;
    let mut header = parts.get(2)?;
    for modulus in [modulus_le::<Fq>(), modulus_le::<Fr>()] {
        demand(header.u32()? == ELEMENT as u32, "the proving key is not over 32-byte fields")?;
        demand(header.take(ELEMENT)? == modulus, "the proving key is not over BN254")?;
    }
    let n_wires = header.count()?;
    let n_public = header.count()?;
    let domain = header.count()?;
    demand(n_public < n_wires, "the proving key has more public wires than wires")?;
    demand(
        domain.is_power_of_two() && domain <= MAX_DOMAIN,
        "the proving key's domain is not a power of two up to 2^27",
    )?;
    let out = Header {
        n_wires,
        n_public,
        domain,
        alpha1: g1(&mut header)?,
        beta1: g1(&mut header)?,
        beta2: g2(&mut header)?,
        gamma2: g2(&mut header)?,
        delta1: g1(&mut header)?,
        delta2: g2(&mut header)?,
    };
    header.finish()?;
    Ok(out)
}

const BAD_COORDINATE: &str = "the proving key has a coordinate that is not below the modulus";

fn g1(cursor: &mut Cursor<'_>) -> Result<G1Affine> {
    match g1_from_file(cursor.take(G1_BYTES)?) {
        Some(point) => Ok(point),
        None => damaged(BAD_COORDINATE),
    }
}

fn g2(cursor: &mut Cursor<'_>) -> Result<G2Affine> {
    match g2_from_file(cursor.take(G2_BYTES)?) {
        Some(point) => Ok(point),
        None => damaged(BAD_COORDINATE),
    }
}

/// Reads exactly `count` points of `size` bytes that fill one section.
fn points<P: Send>(
    parts: &Sections<'_>,
    kind: u32,
    count: usize,
    size: usize,
    read: impl Fn(&[u8]) -> Option<P> + Send + Sync,
) -> Result<Vec<P>> {
    let mut section = parts.get(kind)?;
    if count.checked_mul(size) != Some(section.remaining()) {
        return damaged(format!("section {kind} of the proving key does not hold {count} points"));
    }
    let bytes = section.take(section.remaining())?;
    let points: Option<Vec<P>> = bytes.par_chunks_exact(size).map(read).collect();
    match points {
        Some(points) => Ok(points),
        None => damaged(BAD_COORDINATE),
    }
}

/// The Montgomery radix 2^256 as a scalar.
fn radix() -> Fr {
    // The limbs of one in Montgomery form are 2^256 mod r.
    Fr::from_bigint(Fr::ONE.0).unwrap_or(Fr::ONE)
}

/// snarkjs stores a coefficient v as v * 2^512; read as Montgomery limbs that is v * 2^256.
fn read_entries(mut section: Cursor<'_>, header: &Header) -> Result<Vec<Entry>> {
    const SIZE: usize = 12 + ELEMENT;
    let count = section.count()?;
    demand(
        count.checked_mul(SIZE) == Some(section.remaining()),
        "the coefficient section does not hold the announced number of entries",
    )?;
    let unscale = radix().inverse().unwrap_or(Fr::ONE);
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        let side = match section.u32()? {
            0 => Side::A,
            1 => Side::B,
            _ => return damaged("a coefficient belongs to neither matrix A nor B"),
        };
        let (row, wire) = (section.u32()?, section.u32()?);
        demand(
            (row as usize) < header.domain && (wire as usize) < header.n_wires,
            "a coefficient lies outside the matrix",
        )?;
        match from_montgomery_le(section.take(ELEMENT)?) {
            Some(scaled) => out.push(Entry { side, row, wire, value: scaled * unscale }),
            None => return damaged("a coefficient is not below the modulus"),
        }
    }
    Ok(out)
}

/// Rows up to the last that has an entry.
pub fn rows_in_use(entries: &[Entry]) -> usize {
    entries.iter().map(|entry| entry.row as usize + 1).max().unwrap_or(0)
}

fn put_row_points(out: &mut Vec<u8>, RowPoints { rows, wires }: &RowPoints) {
    rows.iter().chain(wires).for_each(|point| g1_to_file(out, point));
}

/// A key's file with points by row as one more section, all else as it was. Refuses a file that has them.
pub fn with_row_points(file: &[u8], points: &RowPoints) -> Result<Vec<u8>> {
    let before = sections(file, b"zkey", &[1])?;
    demand(before.get(BY_ROW).is_err(), "the proving key has points by row already")?;
    let mut writer = Writer::continuing(file);
    writer.section(BY_ROW, |out| put_row_points(out, points));
    Ok(writer.finish())
}

fn read_row_points(parts: &Sections<'_>, header: &Header, rows: usize) -> Result<RowPoints> {
    let mut rows_first = points(parts, BY_ROW, rows + header.n_wires, G1_BYTES, g1_from_file)?;
    let wires = rows_first.split_off(rows);
    Ok(RowPoints { rows: rows_first, wires })
}

/// Reads only what a verifier needs, with its points fully checked.
pub fn read_verifier_part(bytes: &[u8]) -> Result<VerifierPart> {
    let parts = sections(bytes, b"zkey", &[1])?;
    let header = read_header(&parts)?;
    let ic = points(&parts, 3, header.n_public + 1, G1_BYTES, g1_from_file)?;
    let part = VerifierPart {
        alpha1: header.alpha1,
        beta2: header.beta2,
        gamma2: header.gamma2,
        delta2: header.delta2,
        ic,
    };
    check_points(&[&part.ic, &[part.alpha1]], &[&[part.beta2, part.gamma2, part.delta2]])?;
    Ok(part)
}

impl Zkey {
    pub fn read(bytes: &[u8], checks: PointChecks) -> Result<Self> {
        let parts = sections(bytes, b"zkey", &[1])?;
        let header = read_header(&parts)?;
        let entries = read_entries(parts.get(4)?, &header)?;
        let private = header.n_wires - header.n_public - 1;
        let key = Self {
            verifier: VerifierPart {
                alpha1: header.alpha1,
                beta2: header.beta2,
                gamma2: header.gamma2,
                delta2: header.delta2,
                ic: points(&parts, 3, header.n_public + 1, G1_BYTES, g1_from_file)?,
            },
            a: points(&parts, 5, header.n_wires, G1_BYTES, g1_from_file)?,
            b1: points(&parts, 6, header.n_wires, G1_BYTES, g1_from_file)?,
            b2: points(&parts, 7, header.n_wires, G2_BYTES, g2_from_file)?,
            c: points(&parts, 8, private, G1_BYTES, g1_from_file)?,
            h: points(&parts, 9, header.domain, G1_BYTES, g1_from_file)?,
            by_row: match parts.get(BY_ROW).is_ok() {
                true => Some(read_row_points(&parts, &header, rows_in_use(&entries))?),
                false => None,
            },
            n_wires: header.n_wires,
            n_public: header.n_public,
            domain: header.domain,
            beta1: header.beta1,
            delta1: header.delta1,
            entries,
        };
        if checks == PointChecks::Full {
            let v = &key.verifier;
            let header_g1 = [v.alpha1, key.beta1, key.delta1];
            check_points(
                &[&header_g1, &v.ic, &key.a, &key.b1, &key.c, &key.h],
                &[&[v.beta2, v.gamma2, v.delta2], &key.b2],
            )?;
            if let Some(points) = &key.by_row {
                check_points(&[&points.rows, &points.wires], &[])?;
            }
        }
        demand(
            !key.beta1.is_zero() && !key.delta1.is_zero(),
            "the proving key has a header point at infinity",
        )?;
        Ok(key)
    }

    /// The bytes of the file; the contribution section says that nobody contributed.
    pub fn write(&self) -> Vec<u8> {
        let sections = 10 + u32::from(self.by_row.is_some());
        let mut writer = Writer::new(b"zkey", 1, sections);
        writer.section(1, |out| put_u32(out, 1));
        writer.section(2, |out| {
            for modulus in [modulus_le::<Fq>(), modulus_le::<Fr>()] {
                put_u32(out, ELEMENT);
                out.extend_from_slice(&modulus);
            }
            for count in [self.n_wires, self.n_public, self.domain] {
                put_u32(out, count);
            }
            g1_to_file(out, &self.verifier.alpha1);
            g1_to_file(out, &self.beta1);
            g2_to_file(out, &self.verifier.beta2);
            g2_to_file(out, &self.verifier.gamma2);
            g1_to_file(out, &self.delta1);
            g2_to_file(out, &self.verifier.delta2);
        });
        let g1_section = |writer: &mut Writer, kind, points: &[G1Affine]| {
            writer.section(kind, |out| points.iter().for_each(|p| g1_to_file(out, p)));
        };
        g1_section(&mut writer, 3, &self.verifier.ic);
        writer.section(4, |out| {
            let scale = radix();
            put_u32(out, self.entries.len());
            for entry in &self.entries {
                put_u32(out, usize::from(entry.side == Side::B));
                put_u32(out, entry.row as usize);
                put_u32(out, entry.wire as usize);
                out.extend_from_slice(&to_montgomery_le(&(entry.value * scale)));
            }
        });
        g1_section(&mut writer, 5, &self.a);
        g1_section(&mut writer, 6, &self.b1);
        writer.section(7, |out| self.b2.iter().for_each(|p| g2_to_file(out, p)));
        g1_section(&mut writer, 8, &self.c);
        g1_section(&mut writer, 9, &self.h);
        writer.section(10, |out| {
            out.extend_from_slice(&[0; 64]);
            put_u32(out, 0);
        });
        if let Some(points) = &self.by_row {
            writer.section(BY_ROW, |out| put_row_points(out, points));
        }
        writer.finish()
    }
}
