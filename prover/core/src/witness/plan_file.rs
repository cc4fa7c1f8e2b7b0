//! A plan as bytes, so that it need not be derived again.
//!
//! "zkmp", version, SHA-256 of the .r1cs, nine counts, then coefficients, terms, bits and
//! operations, all little-endian, and SHA-256 of all that. Every index is checked on reading; a plan
//! that computes wrong values is caught by the constraints, as any wrong witness is.

use super::plan::{Bit, Op, Plan, Span, Value};
use crate::error::{damaged, demand, Error, Result};
use crate::field::{from_le, to_le, ELEMENT};
use crate::formats::container::{put_u32, Cursor};
use crate::formats::r1cs::{Coefs, Term};
use ark_bn254::Fr;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 4] = b"zkmp";
const VERSION: u32 = 1;
const ASSIGN: u8 = 0;
const BITS: u8 = 1;
const DIVIDE: u8 = 2;
/// Bytes of the shortest operation: its kind, a slot and a value of seven words.
const OP: usize = 1 + 4 * 8;

impl Plan {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put_u32(&mut out, VERSION as usize);
        out.extend_from_slice(&self.r1cs_hash);
        for count in [
            self.n_wires,
            self.n_slots,
            self.inputs.start,
            self.inputs.end,
            self.unreached as usize,
            self.coefs.values().len(),
            self.terms.len(),
            self.bits.len(),
            self.ops.len(),
        ] {
            put_u32(&mut out, count);
        }
        for coef in self.coefs.values() {
            out.extend_from_slice(&to_le(coef));
        }
        for term in &self.terms {
            put_words(&mut out, &[term.wire, term.coef]);
        }
        for bit in &self.bits {
            put_words(&mut out, &[bit.wire]);
            out.extend_from_slice(&[bit.exponent, u8::from(bit.negated)]);
        }
        for op in &self.ops {
            match op {
                Op::Assign { slot, value } => {
                    out.push(ASSIGN);
                    put_words(&mut out, &[*slot]);
                    put_value(&mut out, value);
                }
                Op::Bits { value, bits } => {
                    out.push(BITS);
                    put_value(&mut out, value);
                    put_words(&mut out, &[bits.start, bits.end]);
                }
                Op::Divide { slot, value, divisor } => {
                    out.push(DIVIDE);
                    put_words(&mut out, &[*slot]);
                    put_value(&mut out, value);
                    put_words(&mut out, &[divisor.start, divisor.end]);
                }
            }
        }
        let digest = Sha256::digest(&out);
        out.extend_from_slice(&digest);
        out
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (body, digest) = split(bytes)?;
        // What is read of a damaged plan is refused like any damaged input, or thrown away here.
        let (own, plan) = rayon::join(|| Sha256::digest(body), || Self::read(body));
        demand(own[..] == digest[..], "the plan's checksum does not match")?;
        plan
    }

    /// Reads a plan inside a file that has a checksum for all it holds.
    pub fn from_checked_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(split(bytes)?.0)
    }

    fn read(body: &[u8]) -> Result<Self> {
        let mut cursor = Cursor::new(body);
        demand(cursor.take(4)? == MAGIC, "this is not a plan")?;
        demand(cursor.u32()? == VERSION, "this version of the plan format is not supported")?;
        let mut r1cs_hash = [0; 32];
        r1cs_hash.copy_from_slice(cursor.take(32)?);
        let mut counts = [0usize; 9];
        for count in &mut counts {
            *count = cursor.count()?;
        }
        let [n_wires, n_slots, first, last, unreached, n_coefs, n_terms, n_bits, n_ops] = counts;
        // Every slot beyond the inputs and the constant is written by an operation.
        demand(
            n_slots >= n_wires && 1 <= first && first <= last && last <= n_wires,
            "the plan's counts contradict each other",
        )?;
        demand(
            n_slots - n_wires <= n_ops && n_wires - last <= n_ops + n_bits + unreached + first,
            "the plan has more slots than operations",
        )?;
        let mut reader = Reader { cursor, n_slots, n_wires, n_coefs, n_terms, n_bits };
        let coefs = reader.coefs()?;
        let terms = reader.items(n_terms, 8, Reader::term)?;
        let bits = reader.items(n_bits, 6, Reader::bit)?;
        let ops = reader.items(n_ops, OP, Reader::op)?;
        reader.cursor.finish()?;
        Ok(Self {
            n_wires,
            n_slots,
            inputs: first..last,
            ops,
            terms,
            bits,
            coefs,
            unreached: unreached as u32,
            r1cs_hash,
        })
    }
}

/// A plan's bytes and their checksum.
fn split(bytes: &[u8]) -> Result<(&[u8], &[u8; 32])> {
    bytes.split_last_chunk().ok_or_else(|| Error::Format("the plan is too short".into()))
}

fn put_words(out: &mut Vec<u8>, words: &[u32]) {
    for word in words {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    for span in [value.a, value.b, value.c] {
        put_words(out, &[span.start, span.end]);
    }
    put_words(out, &[value.scale]);
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    n_slots: usize,
    n_wires: usize,
    n_coefs: usize,
    n_terms: usize,
    n_bits: usize,
}

impl Reader<'_> {
    /// Items of at least `size` bytes each.
    fn items<T>(
        &mut self,
        count: usize,
        size: usize,
        read: impl Fn(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.cursor.expect_items(count, size)?;
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    fn coefs(&mut self) -> Result<Coefs> {
        self.cursor.expect_items(self.n_coefs, ELEMENT)?;
        let mut coefs = Coefs::default();
        for index in 0..self.n_coefs {
            let Some(value) = from_le::<Fr>(self.cursor.take(ELEMENT)?) else {
                return damaged("the plan has a coefficient that is not below the modulus");
            };
            demand(coefs.intern(value) as usize == index, "the plan's coefficients repeat")?;
        }
        Ok(coefs)
    }

    /// An index below `limit`.
    fn index(&mut self, limit: usize) -> Result<u32> {
        let index = self.cursor.u32()?;
        demand((index as usize) < limit, "the plan has an index that is out of range")?;
        Ok(index)
    }

    fn term(&mut self) -> Result<Term> {
        Ok(Term { wire: self.index(self.n_slots)?, coef: self.index(self.n_coefs)? })
    }

    fn bit(&mut self) -> Result<Bit> {
        let wire = self.index(self.n_wires)?;
        demand(wire > 0, "the plan overwrites the constant")?;
        let [exponent, negated] = *self.cursor.take(2)? else {
            return damaged("the plan has half a bit");
        };
        demand(negated <= 1, "the plan has a flag that is neither 0 nor 1")?;
        Ok(Bit { wire, exponent, negated: negated == 1 })
    }

    fn span(&mut self, limit: usize) -> Result<Span> {
        let (start, end) = (self.cursor.u32()?, self.cursor.u32()?);
        demand(start <= end && end as usize <= limit, "the plan has a range that is out of range")?;
        Ok(Span { start, end })
    }

    fn value(&mut self) -> Result<Value> {
        let n_terms = self.n_terms;
        Ok(Value {
            a: self.span(n_terms)?,
            b: self.span(n_terms)?,
            c: self.span(n_terms)?,
            scale: self.index(self.n_coefs)?,
        })
    }

    fn slot(&mut self) -> Result<u32> {
        let slot = self.index(self.n_slots)?;
        demand(slot > 0, "the plan overwrites the constant")?;
        Ok(slot)
    }

    fn op(&mut self) -> Result<Op> {
        Ok(match self.cursor.take(1)? {
            [ASSIGN] => Op::Assign { slot: self.slot()?, value: self.value()? },
            [BITS] => Op::Bits { value: self.value()?, bits: self.span(self.n_bits)? },
            [DIVIDE] => Op::Divide {
                slot: self.slot()?,
                value: self.value()?,
                divisor: self.span(self.n_terms)?,
            },
            _ => return damaged("the plan has an operation that does not exist"),
        })
    }
}
