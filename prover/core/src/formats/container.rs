//! The container that .r1cs, .wtns and .zkey share: a magic word, a version and typed sections.

use crate::error::{damaged, demand, Result};
use std::collections::BTreeMap;

/// A reader that never reads past its end.
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        if count > self.rest.len() {
            return damaged("the file ends in the middle of a value");
        }
        let (head, tail) = self.rest.split_at(count);
        self.rest = tail;
        Ok(head)
    }

    pub fn u32(&mut self) -> Result<u32> {
        let mut word = [0u8; 4];
        word.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(word))
    }

    pub fn u64(&mut self) -> Result<u64> {
        let mut word = [0u8; 8];
        word.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(word))
    }

    /// A u32 that counts or indexes things in memory.
    pub fn count(&mut self) -> Result<usize> {
        Ok(self.u32()? as usize)
    }

    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Refuses a count whose items, of at least `size` bytes each, could not fit in what is left.
    /// Called before every allocation, so a damaged count cannot ask for memory.
    pub fn expect_items(&self, count: usize, size: usize) -> Result<()> {
        match count.checked_mul(size) {
            Some(total) if total <= self.rest.len() => Ok(()),
            _ => damaged("a count in the file is larger than the file"),
        }
    }

    pub fn finish(&self) -> Result<()> {
        demand(self.rest.is_empty(), "a section has bytes after its last value")
    }
}

/// The sections of one file, by type.
pub struct Sections<'a> {
    by_type: BTreeMap<u32, &'a [u8]>,
}

/// Splits a file into its sections; each type may occur once, and nothing may follow the last.
pub fn sections<'a>(bytes: &'a [u8], magic: &[u8; 4], versions: &[u32]) -> Result<Sections<'a>> {
    let name = String::from_utf8_lossy(magic);
    let mut cursor = Cursor::new(bytes);
    if cursor.take(4)? != magic {
        return damaged(format!("this is not a {name} file"));
    }
    if !versions.contains(&cursor.u32()?) {
        return damaged(format!("this version of the {name} format is not supported"));
    }
    let count = cursor.count()?;
    cursor.expect_items(count, 12)?;
    let mut by_type = BTreeMap::new();
    for _ in 0..count {
        let kind = cursor.u32()?;
        let Ok(length) = usize::try_from(cursor.u64()?) else {
            return damaged("a section is longer than the address space");
        };
        if by_type.insert(kind, cursor.take(length)?).is_some() {
            return damaged(format!("section {kind} occurs twice"));
        }
    }
    demand(cursor.remaining() == 0, "the file has bytes after its last section")?;
    Ok(Sections { by_type })
}

impl<'a> Sections<'a> {
    pub fn get(&self, kind: u32) -> Result<Cursor<'a>> {
        match self.by_type.get(&kind) {
            Some(bytes) => Ok(Cursor::new(bytes)),
            None => damaged(format!("section {kind} is missing")),
        }
    }
}

/// Builds a file of this shape.
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub fn new(magic: &[u8; 4], version: u32, sections: u32) -> Self {
        let mut bytes = magic.to_vec();
        bytes.extend_from_slice(&version.to_le_bytes());
        bytes.extend_from_slice(&sections.to_le_bytes());
        Self { bytes }
    }

    /// Goes on with a whole file, as [`sections`] takes it, to which one section is added.
    pub(super) fn continuing(file: &[u8]) -> Self {
        let mut bytes = file.to_vec();
        let (head, _) = bytes.split_at_mut(12);
        let count = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) + 1;
        head[8..].copy_from_slice(&count.to_le_bytes());
        Self { bytes }
    }

    /// Appends one section whose content `fill` writes.
    pub fn section(&mut self, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) {
        self.section_head(kind, 0);
        let start = self.bytes.len();
        fill(&mut self.bytes);
        let length = (self.bytes.len() - start) as u64;
        self.bytes[start - 8..start].copy_from_slice(&length.to_le_bytes());
    }

    /// Appends the head of a section whose `length` bytes the caller puts behind the rest.
    pub fn section_head(&mut self, kind: u32, length: usize) {
        self.bytes.extend_from_slice(&kind.to_le_bytes());
        self.bytes.extend_from_slice(&(length as u64).to_le_bytes());
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

pub fn put_u32(out: &mut Vec<u8>, value: usize) {
    // Every count written comes from a file that stored it in 32 bits.
    out.extend_from_slice(&(value as u32).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new(b"test", 1, 2);
        writer.section(1, |out| out.extend_from_slice(b"abc"));
        writer.section(2, |_| ());
        writer.finish()
    }

    #[test]
    fn reads_back_what_it_wrote() {
        let bytes = sample();
        let parts = sections(&bytes, b"test", &[1]).unwrap();
        assert_eq!(parts.get(1).unwrap().take(3).unwrap(), b"abc");
        parts.get(2).unwrap().finish().unwrap();
        assert!(parts.get(3).is_err());
    }

    #[test]
    fn a_section_is_added_to_a_whole_file() {
        let before = sample();
        let mut writer = Writer::continuing(&before);
        writer.section(7, |out| out.push(9));
        let bytes = writer.finish();
        let parts = sections(&bytes, b"test", &[1]).unwrap();
        assert_eq!(parts.get(7).unwrap().take(1).unwrap(), [9]);
        assert!(bytes[12..before.len()] == before[12..]);
    }

    #[test]
    fn refuses_every_truncation_and_trailing_bytes() {
        let bytes = sample();
        for end in 0..bytes.len() {
            assert!(sections(&bytes[..end], b"test", &[1]).is_err());
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(sections(&longer, b"test", &[1]).is_err());
    }

    #[test]
    fn refuses_a_count_larger_than_the_file() {
        let cursor = Cursor::new(&[0; 16]);
        assert!(cursor.expect_items(usize::MAX, 2).is_err());
        assert!(cursor.expect_items(3, 8).is_err());
        assert!(cursor.expect_items(2, 8).is_ok());
    }
}
