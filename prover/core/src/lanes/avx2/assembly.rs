//! The assembly of a product, in macros for one half of a vector and both: see [`super::multiply`],
//! where they become functions.
//!
//! Registers: six for each half, which are, in turn, the columns of a row and the row's multiplicand;
//! ymm12 and ymm13 for `high` and `low`, ymm14 and ymm15 for what passes.

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
            "vsubpd ymm15, ymm13, ymm14\n",
            "vfmadd231pd ymm15, ymm",
            $multiplicand,
            ", ymmword ptr [",
            $memory,
            "]\n",
            "vpaddq ymm",
            $high,
            ", ymm",
            $high,
            ", ymm14\n",
            "vpsubq ymm",
            $low,
            ", ymm",
            $low,
            ", ymm15\n",
        )
    };
}

/// Adds `a[j] b[row]` for j from 0 to 3.
macro_rules! four {
    ($([$a:literal $b:literal])+ $half:literal, $row:literal,
     $t0:literal $t1:literal $t2:literal $t3:literal $t4:literal, $x:literal) => {
        concat!($(
            "vmovapd ymm", $x, ", ymmword ptr [", $b, " + 64 * ", $row, " + 32 * ", $half, "]\n",
            multiply!($t0, $t1, $x, concat!($a, " + 32 * ", $half)),
            multiply!($t1, $t2, $x, concat!($a, " + 64 + 32 * ", $half)),
            multiply!($t2, $t3, $x, concat!($a, " + 128 + 32 * ", $half)),
            multiply!($t3, $t4, $x, concat!($a, " + 192 + 32 * ", $half)),
        )+)
    };
}

/// The multiplicand becomes m of the row whose lowest column is t0, plus 2^51.
macro_rules! choose {
    ($t0:literal, $x:literal) => {
        concat!(
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

/// The multiplicand becomes m of the last row, from 1 to 2^52.
macro_rules! choose_last {
    ($t0:literal, $x:literal) => {
        concat!(
            "vpand ymm14, ymm",
            $t0,
            ", ymmword ptr [rdi + {mask}]\n",
            "vpxor ymm14, ymm14, ymmword ptr [rdi + {last_exponent}]\n",
            "vsubpd ymm14, ymm14, ymmword ptr [rdi + {one_52}]\n",
            "vmovapd ymm15, ymm12\n",
            "vfmadd231pd ymm15, ymm14, ymmword ptr [rdi + {negated_inverse}]\n",
            "vsubpd ymm15, ymm13, ymm15\n",
            "vfmadd231pd ymm15, ymm14, ymmword ptr [rdi + {negated_inverse}]\n",
            "vmovdqa ymm",
            $x,
            ", ymmword ptr [rdi + {last_low}]\n",
            "vpsubq ymm",
            $x,
            ", ymm",
            $x,
            ", ymm15\n",
            "vpand ymm",
            $x,
            ", ymm",
            $x,
            ", ymmword ptr [rdi + {mask}]\n",
            "vpor ymm",
            $x,
            ", ymm",
            $x,
            ", ymmword ptr [rdi + {exponent}]\n",
            "vsubpd ymm",
            $x,
            ", ymm",
            $x,
            ", ymmword ptr [rdi + {last_one_52}]\n",
        )
    };
}

/// Adds `m p` to the row's columns, hands on the carry of the lowest one, whose register becomes the
/// column after the last, and adds `a[4] b[row]`.
macro_rules! reduce {
    ($([$a:literal $b:literal])+ $half:literal, $row:literal,
     $t0:literal $t1:literal $t2:literal $t3:literal $t4:literal, $x:literal) => {
        concat!(
            multiply!($t0, $t1, $x, "rdi + {p}"),
            "vpsrlq ymm", $t0, ", ymm", $t0, ", 52\n",
            "vpaddq ymm", $t1, ", ymm", $t1, ", ymm", $t0, "\n",
            multiply!($t1, $t2, $x, "rdi + {p} + 32"),
            "vmovdqa ymm", $t0, ", ymmword ptr [rdi + {columns} + 32 * 5 + 32 * ", $row, "]\n",
            multiply!($t2, $t3, $x, "rdi + {p} + 64"),
            multiply!($t3, $t4, $x, "rdi + {p} + 96"),
            multiply!($t4, $t0, $x, "rdi + {p} + 128"),
            $(
                "vmovapd ymm", $x, ", ymmword ptr [", $b, " + 64 * ", $row, " + 32 * ", $half, "]\n",
                multiply!($t4, $t0, $x, concat!($a, " + 256 + 32 * ", $half)),
            )+
        )
    };
}

/// From the choice of one row's m to that of the next.
macro_rules! row {
    ($choose:ident, $([$a:literal $b:literal])+ $half:literal, $row:literal $next:literal,
     $t0:literal $t1:literal $t2:literal $t3:literal $t4:literal, $x:literal) => {
        concat!(
            reduce!($([$a $b])+ $half, $row, $t0 $t1 $t2 $t3 $t4, $x),
            four!($([$a $b])+ $half, $next, $t1 $t2 $t3 $t4 $t0, $x),
            $choose!($t1, $x),
        )
    };
}

/// The first row, up to the choice of its m.
macro_rules! first {
    ($([$a:literal $b:literal])+ $half:literal,
     $t0:literal $t1:literal $t2:literal $t3:literal $t4:literal, $x:literal) => {
        concat!(
            "vmovdqa ymm", $t0, ", ymmword ptr [rdi + {columns}]\n",
            "vmovdqa ymm", $t1, ", ymmword ptr [rdi + {columns} + 32]\n",
            "vmovdqa ymm", $t2, ", ymmword ptr [rdi + {columns} + 64]\n",
            "vmovdqa ymm", $t3, ", ymmword ptr [rdi + {columns} + 96]\n",
            "vmovdqa ymm", $t4, ", ymmword ptr [rdi + {columns} + 128]\n",
            four!($([$a $b])+ $half, "0", $t0 $t1 $t2 $t3 $t4, $x),
            choose!($t0, $x),
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
            first!($([$a $b])+ "0", "0" "1" "2" "3" "4", "5"),
            first!($([$a $b])+ "1", "6" "7" "8" "9" "10", "11"),
            row!(choose, $([$a $b])+ "0", "0" "1", "0" "1" "2" "3" "4", "5"),
            row!(choose, $([$a $b])+ "1", "0" "1", "6" "7" "8" "9" "10", "11"),
            row!(choose, $([$a $b])+ "0", "1" "2", "1" "2" "3" "4" "0", "5"),
            row!(choose, $([$a $b])+ "1", "1" "2", "7" "8" "9" "10" "6", "11"),
            row!(choose, $([$a $b])+ "0", "2" "3", "2" "3" "4" "0" "1", "5"),
            row!(choose, $([$a $b])+ "1", "2" "3", "8" "9" "10" "6" "7", "11"),
            row!(choose_last, $([$a $b])+ "0", "3" "4", "3" "4" "0" "1" "2", "5"),
            row!(choose_last, $([$a $b])+ "1", "3" "4", "9" "10" "6" "7" "8", "11"),
            reduce!($([$a $b])+ "0", "4", "4" "0" "1" "2" "3", "5"),
            reduce!($([$a $b])+ "1", "4", "10" "6" "7" "8" "9", "11"),
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
            columns = const offset_of!(Constants, columns),
            mask = const offset_of!(Constants, mask),
            exponent = const offset_of!(Constants, exponent),
            one_52 = const offset_of!(Constants, one_52),
            positive = const offset_of!(Constants, positive),
            last_exponent = const offset_of!(Constants, last_exponent),
            last_low = const offset_of!(Constants, last_low),
            last_one_52 = const offset_of!(Constants, last_one_52),
        )
    };
}
