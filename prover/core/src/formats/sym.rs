//! .sym: circom's text table `label,wire,component,name`.

use crate::error::{damaged, Result};

/// Names with their wires, in file order; a signal that the compiler removed has no wire.
pub fn read(text: &str) -> Result<Vec<(&str, Option<u32>)>> {
    let mut out = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() {
            continue;
        }
        let mut fields = line.splitn(4, ',');
        let (Some(_), Some(wire), Some(_), Some(name)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return damaged(format!(
                "line {} of the symbols has fewer than four fields",
                number + 1
            ));
        };
        let wire = match wire {
            "-1" => None,
            digits => match digits.parse::<u32>() {
                Ok(wire) => Some(wire),
                Err(_) => {
                    return damaged(format!("line {} of the symbols has no wire", number + 1))
                }
            },
        };
        out.push((name, wire));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn reads_names_and_wires() {
        let table = read("1,1,0,main.a\n2,-1,0,main.b[0]\n").unwrap();
        assert_eq!(table, [("main.a", Some(1)), ("main.b[0]", None)]);
    }

    #[test]
    fn refuses_damaged_lines() {
        for text in ["1,2,3", "1,x,0,main.a", "1,-2,0,main.a", ",,,", "1,99999999999,0,a"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
