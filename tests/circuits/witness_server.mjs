// Computes witnesses with circom's own wasm, one request a line: {"wasm": path, "inputs": {...}} on standard input,
// {"witness": decimal strings} or {"error": text} on standard output. Modules are kept.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2]);
const { WitnessCalculatorBuilder } = require("circom_runtime");
const calculators = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const { wasm, inputs } = JSON.parse(line);
  let answer;
  try {
    if (!calculators.has(wasm)) calculators.set(wasm, await WitnessCalculatorBuilder(readFileSync(wasm)));
    const calculator = calculators.get(wasm);
    const witness = await calculator.calculateWitness(inputs, true);
    answer = { witness: witness.map(String) };
  } catch (error) {
    calculators.delete(wasm);
    answer = { error: String(error.message ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
