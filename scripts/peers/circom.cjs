// circom's own witness calculator in node, as a peer of scripts/bench.
//
//   node circom.cjs MODULES turns WASM INPUT.json...   one .wtns in memory for each line of standard input, by turns
//   node circom.cjs MODULES once WASM INPUT.json OUT   one .wtns file
const fs = require("fs");
const readline = require("readline");

const [modules, work, wasm, ...names] = process.argv.slice(2);
const { WitnessCalculatorBuilder } = require(`${modules}/circom_runtime`);
const read = (name) => JSON.parse(fs.readFileSync(name));
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");

(async () => {
  const calculator = await WitnessCalculatorBuilder(fs.readFileSync(wasm));
  if (work === "once") {
    fs.writeFileSync(names[1], await calculator.calculateWTNSBin(read(names[0])));
    return;
  }
  const inputs = names.map(read);
  say({});
  let turn = 0;
  for await (const _ of readline.createInterface({ input: process.stdin })) {
    const start = process.hrtime.bigint();
    await calculator.calculateWTNSBin(inputs[turn++ % inputs.length]);
    say({ ms: Number(process.hrtime.bigint() - start) / 1e6 });
  }
})();
