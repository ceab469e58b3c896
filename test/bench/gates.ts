// Gates with generated sessions, in this process, until stdin ends:
// node test/bench/run.mjs gates --server nats://… [--gates 3] [--sessions 100000 (each)] [--first 1] [--churn 0 (a second, each)]
//   [--plain (each once more as Plain@…, a gate that can neither filter nor sort)] [--uid-prefix user-]
import {once} from 'node:events';
import {setTimeout as wait} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {openRegistry} from '../../src/registry/open-registry.js';
import {type GeneratedGate, startGeneratedGate} from '../support/generated-gate.js';

const {values} = parseArgs({
  options: {
    server: {type: 'string'},
    gates: {type: 'string', default: '3'},
    sessions: {type: 'string', default: '100000'},
    first: {type: 'string', default: '1'},
    churn: {type: 'string', default: '0'},
    plain: {type: 'boolean', default: false},
    'uid-prefix': {type: 'string'},
  },
});
const {server = process.env['GATECTL_SERVER'] ?? 'nats://127.0.0.1:4222'} = values;
const [count, sessions, first, churn] = [values.gates, values.sessions, values.first, values.churn].map(
  Number,
) as [number, number, number, number];

const bus = await connectBus({server, timeoutMs: 5000, reconnect: true, name: 'generated gates'});
const registry = openRegistry('nats://', {bus});
const gates: GeneratedGate[] = [];
for (let at = first; at < first + count; at += 1) {
  gates.push(
    await startGeneratedGate({
      bus,
      registry,
      id: `g${at}`,
      sessions,
      from: (at - 1) * sessions,
      plainTwin: values.plain,
      uidPrefix: values['uid-prefix'],
    }),
  );
}
console.log(JSON.stringify({serving: gates.map(({nodeId}) => nodeId), sessions: count * sessions}));

const stopped = new AbortController();
process.stdin.resume();
void once(process.stdin, 'end').then(() => stopped.abort());
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stopped.abort());
while (!stopped.signal.aborted) {
  await wait(100, undefined, {signal: stopped.signal}).catch(() => {});
  if (churn > 0) for (const gate of gates) await gate.churn(Math.ceil(churn / 10));
}
for (const gate of gates) await gate.stop();
await registry.close();
await bus.close();
