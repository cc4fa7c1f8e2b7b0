//! Values that are their bytes.

/// Values that may be read from any bytes.
///
/// # Safety
/// Every pattern of bits is a value of the type, and it has no padding.
pub unsafe trait Plain: Copy + Send + Sync + 'static {}

/// The bytes of values, as they lie in memory.
pub fn bytes<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: no padding, so every byte is initialised; the slice covers the same memory.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// The values that bytes are, if they are aligned and whole.
pub fn view<T: Plain>(bytes: &[u8]) -> Option<&[T]> {
    let size = size_of::<T>();
    let whole =
        size > 0 && bytes.len().is_multiple_of(size) && bytes.as_ptr().cast::<T>().is_aligned();
    // SAFETY: every bit pattern is a value; alignment and length were checked.
    whole.then(|| unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msm::Row;

    #[test]
    fn bytes_are_viewed_as_the_values_they_came_from() {
        let rows = [Row::<8>([1; 8]), Row([2; 8]), Row([u64::MAX; 8])];
        let there = bytes(&rows);
        assert_eq!(there.len(), 192);
        assert_eq!(view::<Row<8>>(there), Some(&rows[..]));
        assert!(view::<Row<16>>(there).is_none(), "one row and a half");
        assert!(view::<Row<8>>(&there[8..72]).is_none(), "not aligned");
        assert!(view::<Row<8>>(&there[..100]).is_none());
    }
}
