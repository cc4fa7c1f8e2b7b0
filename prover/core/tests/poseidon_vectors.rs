//! The committed Poseidon vectors against the light-poseidon crate, an implementation that is not ours, for the
//! widths that it has (up to 12 inputs).

use ark_bn254::Fr;
use light_poseidon::{Poseidon, PoseidonHasher};
use std::str::FromStr;

#[test]
fn the_vectors_are_those_of_light_poseidon() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/poseidon/cases.json");
    let text = std::fs::read_to_string(path).expect("the vectors are in the checkout");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut widths = std::collections::BTreeSet::new();
    for case in document["cases"].as_array().expect("a list") {
        let inputs: Vec<Fr> = case["inputs"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|value| Fr::from_str(value.as_str().expect("a string")).expect("an element"))
            .collect();
        if inputs.len() > 12 {
            continue;
        }
        let mut hasher = Poseidon::<Fr>::new_circom(inputs.len()).expect("a width it has");
        let hash = hasher.hash(&inputs).expect("a hash");
        assert_eq!(hash.to_string(), case["hash"].as_str().expect("a string"));
        widths.insert(inputs.len());
    }
    assert_eq!(widths.len(), 12);
}
