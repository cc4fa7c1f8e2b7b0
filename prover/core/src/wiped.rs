//! Lists of secrets, overwritten when they are dropped.

use std::ops::{Deref, DerefMut};
use zeroize::optimization_barrier;

/// A list as `Zeroizing` keeps it, but overwritten by as many values at a time as the processor can
/// instead of by one: a proof drops megabytes of them.
#[derive(Clone)]
pub struct Wiped<T: Copy + Default>(Vec<T>);

impl<T: Copy + Default> Wiped<T> {
    pub fn new(values: Vec<T>) -> Self {
        Self(values)
    }

    /// Overwrites all that the list has room for: it may have shrunk.
    fn wipe(&mut self) {
        self.0.fill(T::default());
        self.0.resize(self.0.capacity(), T::default());
        optimization_barrier(&self.0[..]);
    }
}

impl<T: Copy + Default> Drop for Wiped<T> {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl<T: Copy + Default> Deref for Wiped<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: Copy + Default> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_the_values() {
        let mut list = Wiped::new(vec![7u32; 1001]);
        list.truncate(10);
        list.wipe();
        assert_eq!(list.len(), 1001);
        assert!(list.iter().all(|value| *value == 0));
    }
}
