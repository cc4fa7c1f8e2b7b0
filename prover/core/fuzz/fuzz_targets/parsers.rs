//! Every parser on any bytes: the first byte names the format, the rest is the file. What is accepted is used.

#![no_main]

use _core::formats::r1cs::R1cs;
use _core::formats::zkey::{read_verifier_part, PointChecks, Zkey};
use _core::formats::{json, sym, wtns};
use _core::msm::Kernels;
use _core::prove::ProvingKey;
use _core::store;
use _core::verify::{proof_from_border, Key};
use _core::witness::{derive, first_violation, solve, Plan};
use ark_bn254::Fr;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

/// Larger circuits than a fuzzer's file can fill with rows only cost time.
const MOST_WIRES: usize = 1 << 16;

fuzz_target!(|data: &[u8]| {
    let Some((kind, file)) = data.split_first() else { return };
    match kind % 9 {
        0 => circuit(file),
        1 => drop(wtns::read(file)),
        2 => plan(file),
        3 => key(file),
        4 => drop(proof_from_border(file)),
        5 => text(file, |text| drop(json::read_verification_key(text).and_then(Key::new))),
        6 => text(file, |text| drop(json::read_proof(text))),
        7 => text(file, |text| {
            let _ = json::read_public(text);
            let _ = sym::read(text);
        }),
        _ => stored(file),
    }
});

fn text(file: &[u8], read: impl Fn(&str)) {
    if let Ok(text) = std::str::from_utf8(file) {
        read(text);
    }
}

fn circuit(file: &[u8]) {
    let Ok(r1cs) = R1cs::read(file) else { return };
    if r1cs.n_wires > MOST_WIRES {
        return;
    }
    let inputs = vec![Fr::from(2u64); r1cs.input_wires().len()];
    if let Ok(witness) = solve(&derive(&r1cs).plan, &inputs) {
        let _ = first_violation(&r1cs, &witness);
    }
}

/// Behind the checksum: a fuzzer would never guess it.
fn plan(file: &[u8]) {
    let sealed = [file, &Sha256::digest(file)[..]].concat();
    if let Ok(plan) = Plan::from_bytes(&sealed) {
        let _ = solve(&plan, &vec![Fr::from(2u64); plan.inputs.len()]);
    }
}

fn key(file: &[u8]) {
    let _ = read_verifier_part(file);
    let _ = Zkey::read(file, PointChecks::Full);
    let Ok(zkey) = Zkey::read(file, PointChecks::Trusted) else { return };
    let wires = zkey.n_wires;
    if wires <= MOST_WIRES && zkey.domain <= MOST_WIRES {
        if let Ok(key) = ProvingKey::new(zkey, 0, Kernels::Portable) {
            let _ = key.prove(&vec![Fr::from(1u64); wires], true);
        }
    }
}

/// The head of a stored key, behind its checksum.
fn stored(head: &[u8]) {
    let mut file = [&store::MAGIC[..], b"\x04\x03\x02\x01\0\0\0\0"].concat();
    file.extend((head.len() as u64).to_le_bytes());
    file.extend(Sha256::digest(head));
    file.extend(head);
    file.resize(file.len().next_multiple_of(4096) + 8192, 0);
    let path = std::env::temp_dir().join(format!("zkmargin-fuzz-{}", std::process::id()));
    if std::fs::write(&path, &file).is_ok() {
        let _ = store::open(&path, "radix 2^256");
    }
}
