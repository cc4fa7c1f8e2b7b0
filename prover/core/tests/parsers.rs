//! Every parser on damaged files: an error or a value, never a panic, and never memory out of
//! proportion to the file.

use _core::field::Randomness;
use _core::formats::container::{put_u32, Writer};
use _core::formats::r1cs::R1cs;
use _core::formats::zkey::{read_verifier_part, PointChecks, Zkey};
use _core::formats::{json, sym, wtns};
use _core::msm::Kernels;
use _core::prove::{demand_of_circuit, row_points, ProvingKey};
use _core::setup::setup;
use _core::verify::{proof_from_border, proof_to_border, Key};
use _core::witness::{derive, solve, Plan};
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use sha2::{Digest, Sha256};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Counts what is allocated, to bound it.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        // SAFETY: the caller's promises are the system allocator's conditions.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Memory beside the file's own size that parsing may take: fixed tables and the pool of threads.
const FIXED: usize = 8 << 20;
/// Of a stored key: what precedes its head, and what its tables are aligned to.
const START: usize = 56;
const PAGE: usize = 4096;
/// Times the file's size.
const PROPORTION: usize = 64;

struct Stream(u64);

impl Stream {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n.max(1)
    }

    /// Cuts, lengthens, flips bits, or overwrites a word with a huge count.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..1 + self.below(3) {
            match self.below(6) {
                0 => out.truncate(self.below(out.len() + 1)),
                1 => out.extend((0..self.below(80)).map(|i| i as u8)),
                2 | 3 if !out.is_empty() => {
                    let at = self.below(out.len());
                    out[at] ^= 1 << self.below(8);
                }
                _ if out.len() >= 4 => {
                    // Headers hold the counts, so they are hit more often.
                    let end = if self.below(2) == 0 { out.len().min(200) } else { out.len() };
                    let at = self.below(end.saturating_sub(3));
                    let count = [u32::MAX, 1 << 31, 1 << 27, 0, 65537][self.below(5)];
                    out[at..at + 4].copy_from_slice(&count.to_le_bytes());
                }
                _ => (),
            }
        }
        out
    }
}

/// x * y = z, z * z = w with z, w inner and x public, y private.
fn r1cs_file() -> Vec<u8> {
    let prime = Fr::MODULUS.to_bytes_le();
    let lc = |out: &mut Vec<u8>, terms: &[(usize, u64)]| {
        put_u32(out, terms.len());
        for (wire, coefficient) in terms {
            put_u32(out, *wire);
            out.extend(Fr::from(*coefficient).into_bigint().to_bytes_le());
        }
    };
    let mut writer = Writer::new(b"r1cs", 1, 3);
    writer.section(1, |out| {
        put_u32(out, 32);
        out.extend(&prime);
        for count in [5, 0, 1, 1] {
            put_u32(out, count);
        }
        out.extend(5u64.to_le_bytes());
        put_u32(out, 2);
    });
    writer.section(2, |out| {
        for (a, b, c) in [(1, 2, 3), (3, 3, 4)] {
            lc(out, &[(a, 1), (0, 5)]);
            lc(out, &[(b, 2)]);
            lc(out, &[(c, 1)]);
        }
    });
    writer.section(3, |out| (0..5u64).for_each(|label| out.extend(label.to_le_bytes())));
    writer.finish()
}

fn damaged_files(name: &str, file: &[u8], runs: usize, parse: impl Fn(&[u8])) {
    let mut stream = Stream(file.len() as u64);
    for _ in 0..if cfg!(miri) { runs / 200 } else { runs } {
        let damaged = stream.damage(file);
        let before = NOW.load(Relaxed);
        PEAK.store(before, Relaxed);
        parse(&damaged);
        let taken = PEAK.load(Relaxed).saturating_sub(before);
        assert!(taken <= FIXED + PROPORTION * damaged.len(), "{name}: {taken} bytes taken");
    }
    parse(file);
}

fn text(parse: fn(&str)) -> impl Fn(&[u8]) {
    move |bytes| parse(&String::from_utf8_lossy(bytes))
}

/// A stored key: damaged anywhere, and with a head that is damaged behind its checksum.
fn stored_keys(r1cs: &R1cs, plan: &Plan, zkey: &[u8], witness: &[Fr]) {
    let path = std::env::temp_dir().join(format!("zkmargin-parsers-{}.keys", std::process::id()));
    let hash = Sha256::digest(zkey);
    for kernels in Kernels::available() {
        let parts = (r1cs, plan);
        ProvingKey::store(&path, zkey, parts, PointChecks::Trusted, 1 << 16, kernels).unwrap();
        let file = std::fs::read(&path).unwrap();
        let length = u64::from_le_bytes(file[16..24].try_into().unwrap()) as usize;
        let (head, tables) = file[START..].split_at(length);
        let tables = tables[(START + length).next_multiple_of(PAGE) - START - length..].to_vec();
        let open = |bytes: &[u8], use_it: bool| {
            std::fs::write(&path, bytes).unwrap();
            if let Ok((key, circuit, plan)) = ProvingKey::open(&path, &hash, kernels) {
                let whole = key.tables_are_whole();
                let solved = solve(&plan, &vec![Fr::from(2u64); circuit.input_wires().len()]);
                if use_it || whole {
                    let _ = key.prove(witness, true);
                    let _ = solved.map(|witness| key.prove(&witness, true));
                }
            }
        };
        // Rows that are no points break the bounds that debug builds assert.
        let rows_too = !cfg!(debug_assertions);
        damaged_files("stored key", &file, 400, |bytes| open(bytes, rows_too));
        damaged_files("sealed head", head, 4_000, |head| {
            let mut bytes = file[..16].to_vec();
            bytes.extend((head.len() as u64).to_le_bytes());
            bytes.extend(Sha256::digest(head));
            bytes.extend(head);
            bytes.resize(bytes.len().next_multiple_of(PAGE), 0);
            bytes.extend(&tables);
            open(&bytes, rows_too);
        });
        // The last one was not damaged.
        assert!(std::fs::read(&path).unwrap() == file);
        assert!(ProvingKey::open(&path, &hash, kernels).unwrap().0.prove(witness, true).is_ok());
    }
    std::fs::remove_file(&path).unwrap();
}

/// One test, so that nothing else allocates at the same time.
#[test]
fn damaged_files_are_errors_and_take_little_memory() {
    let file = r1cs_file();
    let r1cs = R1cs::read(&file).unwrap();
    let plan = derive(&r1cs).plan;
    let witness = solve(&plan, &[Fr::from(3u64), Fr::from(4u64)]).unwrap();

    damaged_files("r1cs", &file, 20_000, |bytes| {
        if let Ok(r1cs) = R1cs::read(bytes) {
            // What is accepted is usable.
            let _ = solve(&derive(&r1cs).plan, &vec![Fr::from(2u64); r1cs.input_wires().len()]);
        }
    });
    damaged_files("plan", &plan.to_bytes(), 20_000, |bytes| {
        let _ = Plan::from_bytes(bytes);
    });
    // Behind its checksum too.
    let body = plan.to_bytes();
    damaged_files("sealed plan", &body[..body.len() - 32], 20_000, |bytes| {
        let sealed = [bytes, &Sha256::digest(bytes)[..]].concat();
        if let Ok(plan) = Plan::from_bytes(&sealed) {
            let _ = solve(&plan, &vec![Fr::from(2u64); plan.inputs.len()]);
        }
    });
    let mut file = vec![0; wtns::length(&witness)];
    wtns::write(&witness, &mut file);
    damaged_files("wtns", &file, 20_000, |bytes| {
        let _ = wtns::read(bytes);
    });
    damaged_files(
        "sym",
        b"1,1,0,main.x\n2,2,0,main.y\n3,-1,0,main.z\n",
        3_000,
        text(|text| {
            let _ = sym::read(text);
        }),
    );
    // A set-up takes hours under Miri.
    if !cfg!(miri) {
        keys_and_proofs(&r1cs, &plan, &witness);
    }
}

/// Keys, stored keys and proofs of a circuit.
fn keys_and_proofs(r1cs: &R1cs, plan: &Plan, witness: &[Fr]) {
    let zkey = setup(r1cs, Randomness::from_seed(b"parsers")).unwrap();
    let zkey_file = zkey.write();
    let key = ProvingKey::new(zkey, 0, Kernels::fastest()).unwrap();
    let proof = key.prove(witness, true).unwrap();
    let key_json = json::write_verification_key(key.verifier().part()).unwrap();
    let proof_json = json::write_proof(&proof).unwrap();
    let public_json = json::write_public(&witness[1..2]).unwrap();

    damaged_files("zkey", &zkey_file, 3_000, |bytes| {
        let _ = read_verifier_part(bytes);
        let _ = Zkey::read(bytes, PointChecks::Full);
        if let Ok(zkey) = Zkey::read(bytes, PointChecks::Trusted) {
            let wires = zkey.n_wires;
            let _ = demand_of_circuit(&zkey, r1cs);
            let without = Zkey { by_row: None, ..zkey.clone() };
            let _ = row_points(&without, r1cs);
            // A key that was not checked proves nothing, but it must not panic.
            if let Ok(key) = ProvingKey::new(zkey, 0, Kernels::fastest()) {
                let _ = key.prove(&vec![Fr::from(1u64); wires], true);
            }
        }
    });
    stored_keys(r1cs, plan, &zkey_file, witness);
    damaged_files("proof", &proof_to_border(&proof), 3_000, |bytes| {
        let _ = proof_from_border(bytes);
    });
    damaged_files(
        "verification_key.json",
        key_json.as_bytes(),
        3_000,
        text(|text| {
            let _ = json::read_verification_key(text).and_then(Key::new);
        }),
    );
    damaged_files(
        "proof.json",
        proof_json.as_bytes(),
        3_000,
        text(|text| {
            let _ = json::read_proof(text);
        }),
    );
    damaged_files(
        "public.json",
        public_json.as_bytes(),
        3_000,
        text(|text| {
            let _ = json::read_public(text);
        }),
    );
}
