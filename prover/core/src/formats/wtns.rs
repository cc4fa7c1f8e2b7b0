//! .wtns: a witness, every wire's value in wire order, starting with the constant 1.

use crate::error::{demand, Result};
use crate::field::{modulus_le, scalars_le, to_le, ELEMENT};
use crate::formats::container::{put_u32, sections, Writer};
use ark_bn254::Fr;
use ark_ff::One;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Values a task writes: fewer are not worth a second thread.
const VALUES: usize = 2048;

/// A witness in memory, wiped when it is dropped.
pub type Witness = Zeroizing<Vec<Fr>>;

pub fn read(bytes: &[u8]) -> Result<Witness> {
    let parts = sections(bytes, b"wtns", &[2])?;
    let mut header = parts.get(1)?;
    demand(header.u32()? == ELEMENT as u32, "the witness is not over a 32-byte field")?;
    demand(header.take(ELEMENT)? == modulus_le::<Fr>(), "the witness is not over BN254")?;
    let count = header.count()?;
    header.finish()?;
    let mut body = parts.get(2)?;
    demand(
        count.checked_mul(ELEMENT) == Some(body.remaining()),
        "the witness section does not hold the announced number of values",
    )?;
    let values = Zeroizing::new(scalars_le(body.take(body.remaining())?)?);
    demand(values.first().is_some_and(Fr::is_one), "wire 0 of a witness must be 1")?;
    Ok(values)
}

/// The length of the file of these values.
pub fn length(values: &[Fr]) -> usize {
    head(values).len() + values.len() * ELEMENT
}

/// Fills `out`, of [`length`] bytes, with the file that snarkjs's `wtns calculate` writes for these values.
pub fn write(values: &[Fr], out: &mut [u8]) {
    let head = head(values);
    let (start, elements) = out.split_at_mut(head.len());
    start.copy_from_slice(&head);
    let elements = elements.par_chunks_exact_mut(ELEMENT).zip(values).with_min_len(VALUES);
    elements.for_each(|(element, value)| element.copy_from_slice(&to_le(value)));
}

/// Everything before the values.
fn head(values: &[Fr]) -> Vec<u8> {
    let mut writer = Writer::new(b"wtns", 2, 2);
    writer.section(1, |out| {
        put_u32(out, ELEMENT);
        out.extend_from_slice(&modulus_le::<Fr>());
        put_u32(out, values.len());
    });
    writer.section_head(2, values.len() * ELEMENT);
    writer.finish()
}
