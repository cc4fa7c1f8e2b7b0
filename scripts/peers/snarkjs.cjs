// snarkjs as a peer of scripts/bench: one proof for each line of standard input, everything in memory.
//
//   node snarkjs.cjs MODULES prove ZKEY WTNS...
//   node snarkjs.cjs MODULES fullprove ZKEY WASM INPUT.json...
//
// Prints a line when ready, then {"ms": ...} a line; at the end of the input the last {"proof", "public"}. The witnesses
// or inputs are taken in turn.
const fs = require("fs");
const readline = require("readline");

const [modules, work, zkeyName, ...rest] = process.argv.slice(2);
const snarkjs = require(`${modules}/snarkjs/build/main.cjs`);
const memory = (name) => ({ type: "mem", data: new Uint8Array(fs.readFileSync(name)) });
const say = (value) => new Promise((done) => process.stdout.write(JSON.stringify(value) + "\n", done));

const zkey = memory(zkeyName);
let prove;
if (work === "prove") {
  const witnesses = rest.map(memory);
  prove = (turn) => snarkjs.groth16.prove(zkey, witnesses[turn % witnesses.length]);
} else {
  const wasm = memory(rest[0]);
  const inputs = rest.slice(1).map((name) => JSON.parse(fs.readFileSync(name)));
  prove = (turn) => snarkjs.groth16.fullProve(inputs[turn % inputs.length], wasm, zkey);
}

(async () => {
  say({});
  let last = null;
  let turn = 0;
  for await (const _ of readline.createInterface({ input: process.stdin })) {
    const start = process.hrtime.bigint();
    last = await prove(turn++);
    say({ ms: Number(process.hrtime.bigint() - start) / 1e6 });
  }
  if (last) await say({ proof: last.proof, public: last.publicSignals });
  process.exit(0);
})();
