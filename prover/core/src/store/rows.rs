//! Rows of points, in memory of their own or in a mapped file.

use super::plain::{bytes, view, Plain};
use crate::error::{damaged, Result};
use crate::formats::container::Cursor;
use memmap2::Mmap;
use std::ops::{Deref, Range};
use std::sync::Arc;

pub enum Rows<T: Plain> {
    Own(Vec<T>),
    Mapped { file: Arc<Mmap>, at: Range<usize> },
}

impl<T: Plain> Rows<T> {
    /// The rows in a part of a mapped file.
    pub fn mapped(file: Arc<Mmap>, at: Range<usize>) -> Result<Self> {
        match file.get(at.clone()).and_then(view::<T>) {
            Some(_) => Ok(Self::Mapped { file, at }),
            None => damaged("the table's rows do not lie in the file"),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        bytes(self)
    }
}

impl<T: Plain> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Own(rows) => rows,
            // The part was viewed when it was mapped, and a map does not move.
            Self::Mapped { file, at } => view(&file[at.clone()]).unwrap_or(&[]),
        }
    }
}

/// A table in a mapped file: what describes it, and where its rows lie.
pub struct Source<'a> {
    pub head: Cursor<'a>,
    pub file: Arc<Mmap>,
    pub at: Range<usize>,
}
