// Start-up of short commands beside bare Node, interleaved in random order; medians of whole processes.
// node test/bench/start.mjs [rounds]
import {spawnSync} from 'node:child_process';
import {performance} from 'node:perf_hooks';

const rounds = Number(process.argv[2] ?? 25);
const session =
  '0a0f3132372e302e302e313a353633343412037463701a037534322210356630303865346236393738306463332a1547617465406566336261663931656534656461386442110a08726f6f6d4e616d6512056d71616e74';
const commands = {
  'node -e 0': ['-e', '0'],
  'gatectl --version': ['bin/gatectl.js', '--version'],
  'gatectl --help': ['bin/gatectl.js', '--help'],
  'gatectl decode <session>': ['bin/gatectl.js', 'decode', session, '-o', 'json'],
};

// NODE_EXTRA_CA_CERTS makes every Node parse a bundle of certificates first, which would hide the difference.
const {NODE_EXTRA_CA_CERTS: _, ...env} = process.env;
const wall = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));

function run(name) {
  const started = performance.now();
  const {status, stderr} = spawnSync(process.execPath, commands[name], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

for (let round = -2; round < rounds; round += 1) {
  for (const name of Object.keys(commands).sort(() => Math.random() - 0.5)) {
    const took = run(name);
    if (round >= 0) wall[name].push(took);
  }
}

const floor = median(wall['node -e 0']);
console.log(`median of ${rounds} whole processes, Node ${process.version}`);
for (const [name, values] of Object.entries(wall)) {
  const mid = median(values);
  console.log(`${name.padEnd(28)} ${mid.toFixed(1).padStart(7)} ms  ${(mid / floor).toFixed(2)} x`);
}
