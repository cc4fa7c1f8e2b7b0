//! What differs between processors: adding and doubling many affine points at once.

use super::rows::Components;
use ark_bn254::{Fq, Fr};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ec::AffineRepr;

pub type RowOf<P> = <<P as ark_ec::CurveConfig>::BaseField as Components>::Row;

/// A reference to a point and its sign: `index << 1 | negative`, with the top bit set if the index
/// is one into the pool of sums instead of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref(pub u32);

impl Ref {
    const POOL: u32 = 1 << 31;
    /// Rows that a reference can tell apart.
    pub const LIMIT: usize = 1 << 30;

    #[inline(always)]
    pub fn table(index: usize, negative: bool) -> Self {
        debug_assert!(index < Self::LIMIT);
        Self((index as u32) << 1 | u32::from(negative))
    }

    #[inline(always)]
    pub fn pool(index: usize) -> Self {
        debug_assert!(index < Self::LIMIT);
        Self((index as u32) << 1 | Self::POOL)
    }

    #[inline(always)]
    pub fn index(self) -> usize {
        ((self.0 & !Self::POOL) >> 1) as usize
    }

    #[inline(always)]
    pub fn is_negative(self) -> bool {
        self.0 & 1 == 1
    }

    #[inline(always)]
    pub fn negated_if(self, negated: bool) -> Self {
        Self(self.0 ^ u32::from(negated))
    }

    #[inline(always)]
    pub fn is_pool(self) -> bool {
        self.0 & Self::POOL != 0
    }
}

/// The points that references name.
#[derive(Clone, Copy)]
pub struct Points<'a, R> {
    pub table: &'a [R],
    pub pool: &'a [R],
}

impl<'a, R> Points<'a, R> {
    #[inline(always)]
    pub fn get(&self, at: Ref) -> &'a R {
        let rows = if at.is_pool() { self.pool } else { self.table };
        &rows[at.index()]
    }
}

/// A pair to add has equal x coordinates: equal points or opposite ones.
#[derive(Debug)]
pub struct EqualX;

/// Pairs that kernels add at a time; lists are filled up to a multiple.
pub const WIDTH: usize = 8;
pub type Pair = [Ref; 2];

/// References of one group that are added up as a tree whose every sum has two summands.
pub const CHUNK: usize = 8;
pub const CHUNK_PAIRS: usize = CHUNK / 2;
/// Eight chunks side by side: pair i of each.
pub type Chunks = [[Pair; WIDTH]; CHUNK_PAIRS];

/// Arithmetic on rows of finite points of odd order.
pub trait Kernel: Copy + Send + Sync + 'static {
    type Curve: SWCurveConfig<ScalarField = Fr, BaseField: Components>;
    /// Memory reused from call to call.
    type Scratch: Default + Send;
    /// Names the encoding of rows.
    const NAME: &'static str;
    /// The first so many pairs of a list or of its chunks, whose points [`Self::add`] and
    /// [`Self::add_chunks`] do not ask for long before they take them: whoever makes the list may.
    const UNASKED: usize = 0;

    fn encode(value: Fq) -> [u64; 4];
    fn decode(plain: [u64; 4]) -> Fq;

    /// Asks for the cache lines of a point.
    #[inline(always)]
    fn ask(self, _row: &RowOf<Self::Curve>) {}

    /// Writes the sums of pairs with different x to `out`, negated where the left point is: so the
    /// sign of the left point is left to whoever refers to the sum, and only that of the right point
    /// relative to it takes part.
    fn add(
        self,
        points: Points<'_, RowOf<Self::Curve>>,
        pairs: &[[Pair; WIDTH]],
        out: &mut [[RowOf<Self::Curve>; WIDTH]],
        scratch: &mut Self::Scratch,
    ) -> Result<(), EqualX>;

    /// Whether [`Self::add_chunks`] is there, which is less work than [`Self::add`] several times.
    const CHUNKS: bool = false;

    /// Writes the sums of chunks of the table's points to `out`, negated where the first one is.
    fn add_chunks(
        self,
        _table: &[RowOf<Self::Curve>],
        _chunks: &[Chunks],
        _out: &mut [[RowOf<Self::Curve>; WIDTH]],
        _scratch: &mut Self::Scratch,
    ) -> Result<(), EqualX> {
        Err(EqualX)
    }

    /// Doubles every point in place, `times` times.
    fn double(
        self,
        rows: &mut [[RowOf<Self::Curve>; WIDTH]],
        times: u32,
        scratch: &mut Self::Scratch,
    );

    fn write(point: &Affine<Self::Curve>) -> RowOf<Self::Curve> {
        debug_assert!(!point.is_zero());
        Components::write(&point.x, &point.y, Self::encode)
    }

    fn read(row: &RowOf<Self::Curve>) -> Affine<Self::Curve> {
        let (x, y) = Components::read(row, Self::decode);
        Affine::new_unchecked(x, y)
    }

    /// The point with its sign.
    fn read_signed(points: Points<'_, RowOf<Self::Curve>>, at: Ref) -> Affine<Self::Curve> {
        let point = Self::read(points.get(at));
        if at.is_negative() {
            -point
        } else {
            point
        }
    }
}
