//! verification_key.json, proof.json and public.json, byte for byte as snarkjs writes them.

use crate::error::{damaged, demand, Error, Result};
use crate::field::{from_decimal, to_decimal};
use crate::formats::points::checked_g2;
use crate::formats::zkey::VerifierPart;
use crate::prove::Proof;
use ark_bn254::{Bn254, Fq, Fq2, Fq6, Fr, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::AffineRepr;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{json, Value};

/// `JSON.stringify(value, null, 1)`, snarkjs's way of writing files.
fn text(value: &Value) -> Result<String> {
    let mut out = Vec::new();
    let mut writer = Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b" "));
    let written = value.serialize(&mut writer);
    match (written, String::from_utf8(out)) {
        (Ok(()), Ok(text)) => Ok(text),
        _ => Err(Error::Proof("the JSON text could not be written".into())),
    }
}

fn pair(value: &Fq2) -> Value {
    json!([to_decimal(&value.c0), to_decimal(&value.c1)])
}

fn sextet(value: &Fq6) -> Value {
    json!([pair(&value.c0), pair(&value.c1), pair(&value.c2)])
}

fn g1_value(point: &G1Affine) -> Value {
    match point.xy() {
        Some((x, y)) => json!([to_decimal(&x), to_decimal(&y), "1"]),
        None => json!(["0", "1", "0"]),
    }
}

fn g2_value(point: &G2Affine) -> Value {
    match point.xy() {
        Some((x, y)) => json!([pair(&x), pair(&y), ["1", "0"]]),
        None => json!([["0", "0"], ["1", "0"], ["0", "0"]]),
    }
}

pub fn write_verification_key(key: &VerifierPart) -> Result<String> {
    let alphabeta = Bn254::pairing(key.alpha1, key.beta2).0;
    text(&json!({
        "protocol": "groth16",
        "curve": "bn128",
        "nPublic": key.ic.len().saturating_sub(1),
        "vk_alpha_1": g1_value(&key.alpha1),
        "vk_beta_2": g2_value(&key.beta2),
        "vk_gamma_2": g2_value(&key.gamma2),
        "vk_delta_2": g2_value(&key.delta2),
        "vk_alphabeta_12": [sextet(&alphabeta.c0), sextet(&alphabeta.c1)],
        "IC": key.ic.iter().map(g1_value).collect::<Vec<_>>(),
    }))
}

pub fn write_proof(proof: &Proof) -> Result<String> {
    text(&json!({
        "pi_a": g1_value(&proof.a),
        "pi_b": g2_value(&proof.b),
        "pi_c": g1_value(&proof.c),
        "protocol": "groth16",
        "curve": "bn128",
    }))
}

pub fn write_public(values: &[Fr]) -> Result<String> {
    text(&Value::from(values.iter().map(to_decimal).collect::<Vec<_>>()))
}

fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|_| Error::Format("the text is not valid JSON".into()))
}

fn coordinate(value: &Value, name: &str) -> Result<Fq> {
    match value.as_str().and_then(from_decimal) {
        Some(value) => Ok(value),
        None => damaged(format!("{name} has a coordinate that is not a decimal below the modulus")),
    }
}

fn items<'a>(value: &'a Value, count: usize, name: &str) -> Result<&'a [Value]> {
    match value.as_array() {
        Some(items) if items.len() == count => Ok(items),
        _ => damaged(format!("{name} is not a list of {count}")),
    }
}

fn read_fq2(value: &Value, name: &str) -> Result<Fq2> {
    let parts = items(value, 2, name)?;
    Ok(Fq2::new(coordinate(&parts[0], name)?, coordinate(&parts[1], name)?))
}

/// Reads a finite G1 point on the curve, written with z = 1.
fn read_g1(value: &Value, name: &str) -> Result<G1Affine> {
    let parts = items(value, 3, name)?;
    demand(parts[2] == "1", "a point is not written in affine form")?;
    let (x, y) = (coordinate(&parts[0], name)?, coordinate(&parts[1], name)?);
    let point = G1Affine::new_unchecked(x, y);
    if !point.is_on_curve() {
        return damaged(format!("{name} is not on the curve"));
    }
    finite(point, name)
}

/// The coordinates (0, 0) are arkworks' point at infinity.
fn finite<P: AffineRepr>(point: P, name: &str) -> Result<P> {
    if point.is_zero() {
        return damaged(format!("{name} is at infinity"));
    }
    Ok(point)
}

/// Reads a finite G2 point of the subgroup, written with z = 1.
fn read_g2(value: &Value, name: &str) -> Result<G2Affine> {
    let parts = items(value, 3, name)?;
    demand(parts[2] == json!(["1", "0"]), "a point is not written in affine form")?;
    let (x, y) = (read_fq2(&parts[0], name)?, read_fq2(&parts[1], name)?);
    finite(checked_g2(G2Affine::new_unchecked(x, y), name)?, name)
}

fn demand_groth16(value: &Value) -> Result<()> {
    demand(
        value["protocol"] == "groth16" && value["curve"] == "bn128",
        "the JSON is not about Groth16 over bn128",
    )
}

/// Reads a verification key; `vk_alphabeta_12` is recomputed when needed and so not read.
pub fn read_verification_key(text: &str) -> Result<VerifierPart> {
    let value = parse(text)?;
    demand_groth16(&value)?;
    let Some(ic) = value["IC"].as_array() else {
        return damaged("IC is not a list");
    };
    demand(
        value["nPublic"].as_u64().and_then(|n| n.checked_add(1)) == Some(ic.len() as u64),
        "IC does not hold one point for each public input and one more",
    )?;
    Ok(VerifierPart {
        alpha1: read_g1(&value["vk_alpha_1"], "vk_alpha_1")?,
        beta2: read_g2(&value["vk_beta_2"], "vk_beta_2")?,
        gamma2: read_g2(&value["vk_gamma_2"], "vk_gamma_2")?,
        delta2: read_g2(&value["vk_delta_2"], "vk_delta_2")?,
        ic: ic.iter().map(|p| read_g1(p, "an IC point")).collect::<Result<_>>()?,
    })
}

pub fn read_proof(text: &str) -> Result<Proof> {
    let value = parse(text)?;
    demand_groth16(&value)?;
    Ok(Proof {
        a: read_g1(&value["pi_a"], "pi_a")?,
        b: read_g2(&value["pi_b"], "pi_b")?,
        c: read_g1(&value["pi_c"], "pi_c")?,
    })
}

pub fn read_public(text: &str) -> Result<Vec<Fr>> {
    let value = parse(text)?;
    let Some(list) = value.as_array() else {
        return damaged("the public inputs are not a list");
    };
    let mut out = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        match item.as_str().and_then(from_decimal) {
            Some(value) => out.push(value),
            None => {
                return damaged(format!("public input {index} is not a decimal below the modulus"))
            }
        }
    }
    Ok(out)
}
