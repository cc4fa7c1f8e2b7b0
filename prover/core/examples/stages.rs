//! Times the stages of a proof: `stages CIRCUIT.r1cs KEY.zkey WITNESS.wtns [RUNS [STAGE]]`.
//!
//! Stages are timed alone, one after another; in a proof they overlap. Set `RAYON_NUM_THREADS` for
//! the number of threads, `ZKMARGIN_KERNELS` for another arithmetic than the fastest.

use _core::formats::r1cs::R1cs;
use _core::formats::wtns;
use _core::formats::zkey::{PointChecks, RowPoints, Zkey};
use _core::msm::{builder, Kernels, Load};
use _core::prove::{ProvingKey, DEFAULT_BUDGET};
use _core::witness::{derive, first_violation, solve};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use sha2::{Digest, Sha256};
use std::time::Instant;

fn time<T>(only: Option<&String>, name: &str, runs: usize, mut work: impl FnMut() -> T) {
    if only.is_some_and(|only| only != name) {
        return;
    }
    work();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:>12} {:9.3} ms at best, {:9.3} median", times[0], times[runs / 2]);
}

/// Live public signals and proofs of the verified batch.
const LIVE: usize = 4;
const BATCH: usize = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, circuit, zkey, witness, rest @ ..] = &arguments[..] else {
        return Err("usage: stages CIRCUIT.r1cs KEY.zkey WITNESS.wtns [RUNS [STAGE]]".into());
    };
    let runs = rest.first().map_or(Ok(20), |runs| runs.parse())?;
    let only = rest.get(1);
    let circuit = R1cs::read(&std::fs::read(circuit)?)?;
    let file = std::fs::read(zkey)?;
    let zkey = Zkey::read(&file, PointChecks::Trusted)?;
    let witness = wtns::read(&std::fs::read(witness)?)?;
    let scalars: Vec<_> = witness.iter().map(|value| value.into_bigint()).collect();
    // By row about half of a dense book's rows are zero.
    let (c, own, h, every) = match &zkey.by_row {
        Some(RowPoints { rows, wires }) => (wires, &scalars[..], rows, 2),
        None => (&zkey.c, &scalars[zkey.n_public + 1..], &zkey.h, 1),
    };
    let value = |i: u64| match i % every {
        0 => Fr::from(i) / Fr::from(3 * i + 5),
        _ => Fr::from(0u64),
    };
    let dense: Vec<_> = (0..h.len() as u64).map(|i| value(i).into_bigint()).collect();

    let kernels = Kernels::from_environment()?;
    let builder = builder(kernels);
    let wires = Load { density: 0.1, budget: 1 << 28 };
    let full = Load { density: 1.0, budget: 1 << 28 };
    let start = Instant::now();
    let (a, c) = (builder.g1(&zkey.a, wires), builder.g1(c, wires));
    let (b2, h) = (builder.g2(&zkey.b2, wires), builder.g1(h, full));
    println!("tables {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    for (name, bases) in [("A", &a), ("C", &c), ("H", &h)] {
        println!("{name} {} MB", bases.bytes() >> 20);
    }
    println!("B2 {} MB", b2.bytes() >> 20);
    time(only, "A", runs, || a.sum(&scalars));
    time(only, "B2", runs, || b2.sum(&scalars));
    time(only, "C", runs, || c.sum(own));
    time(only, "H", runs, || h.sum(&dense));
    drop((a, b2, c, h));
    let path = std::env::temp_dir().join(format!("zkmargin-stages-{}.keys", std::process::id()));
    let plan = derive(&circuit).plan;
    let parts = (&circuit, &plan);
    ProvingKey::store(&path, &file, parts, PointChecks::Trusted, DEFAULT_BUDGET, kernels)?;
    let opened = ProvingKey::open(&path, &Sha256::digest(&file), kernels);
    std::fs::remove_file(&path)?;
    let (key, ..) = opened?;
    let inputs = &witness[circuit.input_wires()];
    time(only, "witness", runs, || solve(&plan, inputs));
    time(only, "check", runs, || first_violation(&circuit, &witness));
    time(only, "proof", runs, || key.prove(&witness, false));
    time(only, "self-check", runs, || key.prove(&witness, true));

    let verifier = key.verifier();
    let (first, live) = witness[1..=verifier.n_public()].split_at(verifier.n_public() - LIVE);
    let point = verifier.prepare(first)?;
    let proof = key.prove(&witness, false)?;
    let batch = vec![(live.to_vec(), proof); BATCH];
    time(only, "verify", runs, || verifier.verify_prepared(&point, live, &batch[0].1));
    time(only, "batch", runs, || verifier.verify_batch(&point, &batch));
    Ok(())
}
