//! A circuit, its plan and its proving key in one file that is mapped, not read: what a process needs
//! to prove is there at once, and processes share the memory.
//!
//! ```text
//! "zkmkeys4"  0x01020304 in the machine's byte order  0  length of the head (u64)  SHA-256 of the head
//! head        kernels, hashes and counts, the circuit, the plan, the verifier's part, four tables
//! rows        of each table in turn, at multiples of 4,096 bytes
//! ```
//! The head is checked by its hash each time. The rows, a hundred megabytes and more, are not: a
//! proof that was made with damaged ones fails the prover's own verification and is not given out.
//! Then [`Tables::are_whole`] tells whether the file is to blame. Files are written beside their place and
//! renamed by the caller, and never changed afterwards.

mod head;
mod plain;
mod rows;

pub use head::{put_words, take_words};
pub use plain::Plain;
pub use rows::{Rows, Source};

use crate::error::{damaged, demand, Error, Result};
use crate::formats::container::{put_u32, Cursor};
use crate::formats::r1cs::R1cs;
use crate::formats::zkey::VerifierPart;
use crate::msm::Stored;
use crate::public_rows::PublicRows;
use crate::witness::Plan;
use head::{put_circuit, put_verifier, take_circuit, take_hash, take_verifier};
use memmap2::Mmap;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

pub const MAGIC: &[u8; 8] = b"zkmkeys4";
const ORDER: u32 = 0x0102_0304;
/// Magic, order, zero, length, hash.
const START: usize = 8 + 4 + 4 + 8 + 32;
/// Rows start at multiples of a page.
const PAGE: usize = 4096;
/// Bytes written at a time: in pieces of this size at multiples of it, Linux keeps and maps a file in huge
/// pages where it can.
const WRITE: usize = 2 << 20;
pub const TABLES: usize = 4;

/// What a stored key consists of, its tables apart.
pub struct Contents {
    /// SHA-256 of the .zkey file.
    pub zkey_hash: [u8; 32],
    pub circuit: R1cs,
    pub plan: Plan,
    pub verifier: VerifierPart,
    pub public_rows: PublicRows,
    /// Whether the last two tables have the points of [`crate::formats::zkey::RowPoints`].
    pub by_row: bool,
}

/// A file's tables, still to be opened.
pub struct Tables {
    file: Arc<Mmap>,
    entries: Vec<Entry>,
}

struct Entry {
    head: Range<usize>,
    rows: Range<usize>,
    hash: [u8; 32],
}

impl Tables {
    pub fn source(&self, index: usize) -> Source<'_> {
        let entry = &self.entries[index];
        let head = Cursor::new(&self.file[entry.head.clone()]);
        Source { head, file: self.file.clone(), at: entry.rows.clone() }
    }

    /// Whether all rows are as they were written.
    pub fn are_whole(&self) -> bool {
        use rayon::prelude::*;
        let whole =
            |entry: &Entry| Sha256::digest(&self.file[entry.rows.clone()])[..] == entry.hash;
        self.entries.par_iter().all(whole)
    }
}

/// Writes a new file; one that exists is replaced.
pub fn write(
    path: &Path,
    kernels: &str,
    contents: &Contents,
    tables: [Stored<'_>; TABLES],
) -> Result<()> {
    let head = head_bytes(kernels, contents, &tables);
    let save = || -> std::io::Result<()> {
        let mut file = BufWriter::with_capacity(WRITE, File::create(path)?);
        let start = [start_bytes(&head), head].concat();
        let rows = tables.iter().map(|table| table.rows);
        let mut at = 0usize;
        for part in std::iter::once(&start[..]).chain(rows) {
            let next = at.next_multiple_of(PAGE);
            file.write_all(&[0; PAGE][..next - at])?;
            // Page by page, so that the buffer is full whenever it is written.
            for page in part.chunks(PAGE) {
                file.write_all(page)?;
            }
            at = next + part.len();
        }
        file.into_inner()?.sync_all()
    };
    save().map_err(|error| Error::Format(format!("the file cannot be written ({})", error.kind())))
}

fn start_bytes(head: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&ORDER.to_ne_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(head.len() as u64).to_le_bytes());
    out.extend_from_slice(&Sha256::digest(head));
    out
}

fn head_bytes(kernels: &str, contents: &Contents, tables: &[Stored<'_>; TABLES]) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(&mut out, kernels.as_bytes());
    out.extend_from_slice(&contents.zkey_hash);
    put_circuit(&mut out, &contents.circuit);
    put_bytes(&mut out, &contents.plan.to_bytes());
    put_verifier(&mut out, &contents.verifier);
    put_u32(&mut out, usize::from(contents.public_rows == PublicRows::All));
    put_u32(&mut out, usize::from(contents.by_row));
    for table in tables {
        put_bytes(&mut out, &table.head);
        out.extend_from_slice(&(table.rows.len() as u64).to_le_bytes());
        out.extend_from_slice(&Sha256::digest(table.rows));
    }
    out
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u32(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn take_bytes<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8]> {
    let count = cursor.count()?;
    cursor.take(count)
}

fn take_flag(cursor: &mut Cursor<'_>) -> Result<bool> {
    match cursor.u32()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => damaged("a flag of the stored key is neither 0 nor 1"),
    }
}

/// Maps a file. Refuses one of another kind, of other arithmetic than `kernels`, or with a damaged head.
pub fn open(path: &Path, kernels: &str) -> Result<(Contents, Tables)> {
    let cannot = |error: std::io::Error| {
        Error::Format(format!("the stored key cannot be opened ({})", error.kind()))
    };
    let file = File::open(path).map_err(cannot)?;
    // SAFETY: these files are never changed after they are written, only replaced as a whole, by
    // the one program that knows them; see the module's text.
    let map = unsafe { Mmap::map(&file) }.map_err(cannot)?;
    let (contents, entries) = read(&map, kernels)?;
    Ok((contents, Tables { file: Arc::new(map), entries }))
}

fn read(bytes: &[u8], kernels: &str) -> Result<(Contents, Vec<Entry>)> {
    let mut start = Cursor::new(bytes);
    demand(start.take(8)? == MAGIC, "this is not a stored key of this version")?;
    demand(
        start.take(4)? == ORDER.to_ne_bytes(),
        "the stored key is of a machine of another byte order",
    )?;
    start.take(4)?;
    let Ok(length) = usize::try_from(start.u64()?) else {
        return damaged("the stored key's head is longer than the address space");
    };
    let hash = take_hash(&mut start)?;
    let head = start.take(length)?;
    // What is read of a damaged head is refused like any damaged input, or thrown away here.
    let (digest, parts) =
        rayon::join(|| Sha256::digest(head), || read_head(head, START + length, bytes, kernels));
    demand(digest[..] == hash, "the stored key's head is damaged")?;
    parts
}

/// Reads the head that ends at byte `end` of the file.
fn read_head(
    head: &[u8],
    end: usize,
    bytes: &[u8],
    kernels: &str,
) -> Result<(Contents, Vec<Entry>)> {
    let mut cursor = Cursor::new(head);
    demand(
        take_bytes(&mut cursor)? == kernels.as_bytes(),
        "the stored key is for another processor's arithmetic",
    )?;
    let zkey_hash = take_hash(&mut cursor)?;
    let circuit = take_circuit(&mut cursor)?;
    let plan = Plan::from_checked_bytes(take_bytes(&mut cursor)?)?;
    let verifier = take_verifier(&mut cursor)?;
    let public_rows = match take_flag(&mut cursor)? {
        true => PublicRows::All,
        false => PublicRows::Needed,
    };
    let by_row = take_flag(&mut cursor)?;
    let mut entries = Vec::with_capacity(TABLES);
    let mut at = end;
    for _ in 0..TABLES {
        let own = take_bytes(&mut cursor)?;
        let head_end = end - cursor.remaining();
        let Ok(size) = usize::try_from(cursor.u64()?) else {
            return damaged("a table is longer than the address space");
        };
        let hash = take_hash(&mut cursor)?;
        let first = at.next_multiple_of(PAGE);
        let Some(last) = first.checked_add(size).filter(|last| *last <= bytes.len()) else {
            return damaged("the stored key ends before its tables");
        };
        entries.push(Entry { head: head_end - own.len()..head_end, rows: first..last, hash });
        at = last;
    }
    cursor.finish()?;
    demand(at == bytes.len(), "the stored key has bytes after its last table")?;
    Ok((Contents { zkey_hash, circuit, plan, verifier, public_rows, by_row }, entries))
}
