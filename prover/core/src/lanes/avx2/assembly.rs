//! The assembly of a product, in macros for one half of a vector and both: see [`super::multiply`],
//! where they become functions.
//!
//! Registers: six for each half, which are, in turn, five columns, lowest first (`t0` to `t4`), and
//! the row's m (`x`); ymm12 and ymm13 for `high` and `low`, ymm14 for what passes, ymm15 for a
//! multiplicand.
//!
//! A row of a half has three parts: [`lowest`] finds m, [`fold`] adds it and what the next row's m
//! waits for, [`rest`] adds what it does not wait for. Each half's `rest` stands between the other's
//! `lowest` and `fold`, so that the processor has work while it waits for m.

/// Adds both halves of the product of a multiplicand and a value in memory to two columns.
macro_rules! multiply {
    ($low:literal, $high:literal, $multiplicand:literal, $memory:expr) => {
        concat!(
            "vmovapd ymm14, ymm12\n",
            "vfmadd231pd ymm14, ymm",
            $multiplicand,
            ", ymmword ptr [",
            $memory,
            "]\n",
            "vpaddq ymm",
            $high,
            ", ymm",
            $high,
            ", ymm14\n",
            "vsubpd ymm14, ymm13, ymm14\n",
            "vfmadd231pd ymm14, ymm",
            $multiplicand,
            ", ymmword ptr [",
            $memory,
            "]\n",
            "vpsubq ymm",
            $low,
            ", ymm",
            $low,
            ", ymm14\n",
        )
    };
}

/// Adds `a[j] b[row]`.
macro_rules! term {
    ($([$a:literal $b:literal])+ $half:literal, $j:literal $row:literal, $low:literal $high:literal) => {
        concat!($(
            "vmovapd ymm15, ymmword ptr [", $b, " + 64 * ", $row, " + 32 * ", $half, "]\n",
            multiply!($low, $high, "15", concat!($a, " + 64 * ", $j, " + 32 * ", $half)),
        )+)
    };
}

/// Adds `a[j] b[row]` for j from 1 to 3.
macro_rules! middle {
    ($([$a:literal $b:literal])+ $half:literal, $row:literal,
     $t1:literal $t2:literal $t3:literal $t4:literal) => {
        concat!($(
            "vmovapd ymm15, ymmword ptr [", $b, " + 64 * ", $row, " + 32 * ", $half, "]\n",
            multiply!($t1, $t2, "15", concat!($a, " + 64 + 32 * ", $half)),
            multiply!($t2, $t3, "15", concat!($a, " + 128 + 32 * ", $half)),
            multiply!($t3, $t4, "15", concat!($a, " + 192 + 32 * ", $half)),
        )+)
    };
}

/// Columns 0 to 4 with `a[j] b[0]` for j from 0 to 3.
macro_rules! start {
    ($([$a:literal $b:literal])+ $half:literal,
     $t0:literal $t1:literal $t2:literal $t3:literal $t4:literal) => {
        concat!(
            "vmovdqa ymm", $t0, ", ymmword ptr [rdi + {columns}]\n",
            "vmovdqa ymm", $t1, ", ymmword ptr [rdi + {columns} + 32]\n",
            "vmovdqa ymm", $t2, ", ymmword ptr [rdi + {columns} + 64]\n",
            "vmovdqa ymm", $t3, ", ymmword ptr [rdi + {columns} + 96]\n",
            "vmovdqa ymm", $t4, ", ymmword ptr [rdi + {columns} + 128]\n",
            term!($([$a $b])+ $half, "0" "0", $t0 $t1),
            middle!($([$a $b])+ $half, "0", $t1 $t2 $t3 $t4),
        )
    };
}

/// Hands on the carry of the lowest column, whose register becomes the column after the last.
macro_rules! next_column {
    ($row:literal, $t0:literal $t1:literal) => {
        concat!(
            "vpsrlq ymm",
            $t0,
            ", ymm",
            $t0,
            ", 52\n",
            "vpaddq ymm",
            $t1,
            ", ymm",
            $t1,
            ", ymm",
            $t0,
            "\n",
            "vmovdqa ymm",
            $t0,
            ", ymmword ptr [rdi + {columns} + 32 * 5 + 32 * ",
            $row,
            "]\n",
        )
    };
}

/// x becomes m of a row, 0 to 3, once the last part of the m before, if there was one, is added.
macro_rules! lowest {
    ($row:literal, $t0:literal $t1:literal $t4:literal, $x:literal $($before:literal)?) => {
        concat!(
            "vpand ymm15, ymm", $t0, ", ymmword ptr [rdi + {mask}]\n",
            "vpor ymm15, ymm15, ymmword ptr [rdi + {exponent}]\n",
            next_column!($row, $t0 $t1),
            $(multiply!($t4, $t0, $before, "rdi + {shifted} + 128"),)?
            "vsubpd ymm", $x, ", ymm15, ymmword ptr [rdi + {one_52}]\n",
        )
    };
}

/// Adds `m R` but for its last part, and `a[0] b[next]`.
macro_rules! fold {
    ($([$a:literal $b:literal])+ $half:literal, $next:literal,
     $t0:literal $t1:literal $t2:literal $t3:literal $t4:literal, $x:literal) => {
        concat!(
            multiply!($t1, $t2, $x, "rdi + {shifted}"),
            term!($([$a $b])+ $half, "0" $next, $t1 $t2),
            multiply!($t2, $t3, $x, "rdi + {shifted} + 32"),
            multiply!($t3, $t4, $x, "rdi + {shifted} + 64"),
            multiply!($t4, $t0, $x, "rdi + {shifted} + 96"),
        )
    };
}

/// Adds `a[j] b[next]` for j from 1 to 3 and `a[4] b[row]`.
macro_rules! rest {
    ($([$a:literal $b:literal])+ $half:literal, $row:literal $next:literal,
     $t0:literal $t2:literal $t3:literal $t4:literal) => {
        concat!(
            middle!($([$a $b])+ $half, $next, $t2 $t3 $t4 $t0),
            term!($([$a $b])+ $half, "4" $row, $t4 $t0),
        )
    };
}

/// x becomes m of row 4, from 0 to 2^52; m of row 3 waits in the result's place.
macro_rules! last_lowest {
    ($half:literal, $out:literal, $t0:literal, $x:literal) => {
        concat!(
            "vmovapd ymmword ptr [",
            $out,
            " + 32 * ",
            $half,
            "], ymm",
            $x,
            "\n",
            "vpand ymm14, ymm",
            $t0,
            ", ymmword ptr [rdi + {mask}]\n",
            "vpor ymm14, ymm14, ymmword ptr [rdi + {exponent}]\n",
            "vsubpd ymm14, ymm14, ymmword ptr [rdi + {one_52}]\n",
            "vmovapd ymm15, ymm12\n",
            "vfmadd231pd ymm15, ymm14, ymmword ptr [rdi + {negated_inverse}]\n",
            "vsubpd ymm15, ymm13, ymm15\n",
            "vfmadd231pd ymm15, ymm14, ymmword ptr [rdi + {negated_inverse}]\n",
            "vaddpd ymm",
            $x,
            ", ymm15, ymmword ptr [rdi + {positive}]\n",
        )
    };
}

/// Adds `m p`, the last part of the m before and `a[4] b[4]`.
macro_rules! last {
    ($([$a:literal $b:literal])+ $half:literal, $out:literal,
     $t0:literal $t1:literal $t2:literal $t3:literal $t4:literal, $x:literal) => {
        concat!(
            multiply!($t0, $t1, $x, "rdi + {p}"),
            next_column!("4", $t0 $t1),
            multiply!($t1, $t2, $x, "rdi + {p} + 32"),
            multiply!($t2, $t3, $x, "rdi + {p} + 64"),
            multiply!($t3, $t4, $x, "rdi + {p} + 96"),
            multiply!($t4, $t0, $x, "rdi + {p} + 128"),
            "vmovapd ymm15, ymmword ptr [", $out, " + 32 * ", $half, "]\n",
            multiply!($t4, $t0, "15", "rdi + {shifted} + 128"),
            term!($([$a $b])+ $half, "4" "4", $t4 $t0),
        )
    };
}

/// Propagates a carry, with the mask in ymm13.
macro_rules! carry {
    ($from:literal, $to:literal) => {
        concat!(
            "vpsrlq ymm14, ymm",
            $from,
            ", 52\n",
            "vpand ymm",
            $from,
            ", ymm",
            $from,
            ", ymm13\n",
            "vpaddq ymm",
            $to,
            ", ymm",
            $to,
            ", ymm14\n",
        )
    };
}

/// Writes a limb of both halves.
macro_rules! store {
    ($out:literal, $limb:literal, $first:literal $second:literal) => {
        concat!(
            "vmovdqa ymmword ptr [",
            $out,
            " + 64 * ",
            $limb,
            "], ymm",
            $first,
            "\n",
            "vmovdqa ymmword ptr [",
            $out,
            " + 64 * ",
            $limb,
            " + 32], ymm",
            $second,
            "\n",
        )
    };
}

/// The body of a function of constants (rdi), factors and the result (`out`).
macro_rules! montgomery {
    ($([$a:literal $b:literal])+ $out:literal) => {
        naked_asm!(
            "vmovapd ymm12, ymmword ptr [rdi + {high}]",
            "vmovapd ymm13, ymmword ptr [rdi + {low}]",
            start!($([$a $b])+ "0", "0" "1" "2" "3" "4"),
            lowest!("0", "0" "1" "4", "5"),
            start!($([$a $b])+ "1", "6" "7" "8" "9" "10"),
            fold!($([$a $b])+ "0", "1", "0" "1" "2" "3" "4", "5"),
            lowest!("0", "6" "7" "10", "11"),
            rest!($([$a $b])+ "0", "0" "1", "0" "2" "3" "4"),
            fold!($([$a $b])+ "1", "1", "6" "7" "8" "9" "10", "11"),
            lowest!("1", "1" "2" "0", "5" "5"),
            rest!($([$a $b])+ "1", "0" "1", "6" "8" "9" "10"),
            fold!($([$a $b])+ "0", "2", "1" "2" "3" "4" "0", "5"),
            lowest!("1", "7" "8" "6", "11" "11"),
            rest!($([$a $b])+ "0", "1" "2", "1" "3" "4" "0"),
            fold!($([$a $b])+ "1", "2", "7" "8" "9" "10" "6", "11"),
            lowest!("2", "2" "3" "1", "5" "5"),
            rest!($([$a $b])+ "1", "1" "2", "7" "9" "10" "6"),
            fold!($([$a $b])+ "0", "3", "2" "3" "4" "0" "1", "5"),
            lowest!("2", "8" "9" "7", "11" "11"),
            rest!($([$a $b])+ "0", "2" "3", "2" "4" "0" "1"),
            fold!($([$a $b])+ "1", "3", "8" "9" "10" "6" "7", "11"),
            lowest!("3", "3" "4" "2", "5" "5"),
            rest!($([$a $b])+ "1", "2" "3", "8" "10" "6" "7"),
            fold!($([$a $b])+ "0", "4", "3" "4" "0" "1" "2", "5"),
            lowest!("3", "9" "10" "8", "11" "11"),
            rest!($([$a $b])+ "0", "3" "4", "3" "0" "1" "2"),
            fold!($([$a $b])+ "1", "4", "9" "10" "6" "7" "8", "11"),
            last_lowest!("0", $out, "4", "5"),
            rest!($([$a $b])+ "1", "3" "4", "9" "6" "7" "8"),
            last_lowest!("1", $out, "10", "11"),
            last!($([$a $b])+ "0", $out, "4" "0" "1" "2" "3", "5"),
            last!($([$a $b])+ "1", $out, "10" "6" "7" "8" "9", "11"),
            "vmovdqa ymm13, ymmword ptr [rdi + {mask}]",
            carry!("0", "1"), carry!("6", "7"), carry!("1", "2"), carry!("7", "8"),
            carry!("2", "3"), carry!("8", "9"), carry!("3", "4"), carry!("9", "10"),
            store!($out, "0", "0" "6"),
            store!($out, "1", "1" "7"),
            store!($out, "2", "2" "8"),
            store!($out, "3", "3" "9"),
            store!($out, "4", "4" "10"),
            "ret",
            high = const offset_of!(Constants, high),
            low = const offset_of!(Constants, low),
            negated_inverse = const offset_of!(Constants, negated_inverse),
            p = const offset_of!(Constants, p),
            shifted = const offset_of!(Constants, shifted),
            columns = const offset_of!(Constants, columns),
            mask = const offset_of!(Constants, mask),
            exponent = const offset_of!(Constants, exponent),
            one_52 = const offset_of!(Constants, one_52),
            positive = const offset_of!(Constants, positive),
        )
    };
}
