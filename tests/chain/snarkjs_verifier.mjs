// Verifies Groth16 proofs with snarkjs: one JSON object a line in, one a line out, until standard input closes.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const snarkjs = createRequire(process.argv[2])("snarkjs");
const keys = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const { name, key, signals, proof } = JSON.parse(line);
  if (key) keys.set(name, key);
  let valid = false;
  try {
    valid = await snarkjs.groth16.verify(keys.get(name), signals, proof);
  } catch {
    valid = false; // a point that it cannot even read
  }
  process.stdout.write(JSON.stringify({ valid }) + "\n");
}
process.exit(0);
