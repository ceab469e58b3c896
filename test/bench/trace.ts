// What gatectl trace says under load beside what the load itself counted: calls at an even pace on a real nats-server, some
// failing, some without an answer. node test/bench/run.mjs trace [calls per second] [seconds] [calls]: with `calls` each is printed, else the summary alone
import {spawn} from 'node:child_process';
import {open as openFile, readFile} from 'node:fs/promises';
import {loadavg} from 'node:os';
import path from 'node:path';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {encodeCall, encodeResult} from '../../src/bus/rpc/envelope.js';
import {encodeArgument} from '../../src/bus/rpc/rpc-arguments.js';
import {encodeSession} from '../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../src/session/session.js';
import {startNats} from '../support/nats.js';
import {until} from '../support/poll.js';
import {processorMs} from '../support/proc.js';
import {temporaryFolder} from '../support/temp.js';

const [rate = 20_000, seconds = 10] = process.argv.slice(2, 4).map(Number);
const printsCalls = process.argv[4] === 'calls';
const turnMs = 5;
/** On a machine that is too busy the calls come later instead of piling up on the way. */
const mostOpen = 4000;
const gateAddress = '_INBOX.benchgate0000000000000';
const moduleAddress = '_INBOX.benchmodule00000000000';
const replyTo = '_INBOX.benchcaller00000000000';

const session = (at: number) =>
  encodeSession(
    newSession({
      ...{
        ip: '10.1.2.3:40001',
        network: 'tcp',
        userId: `user${at}`,
        sessionId: at.toString(16).padStart(16, '0'),
      },
      ...{
        serverId: 'Gate@bench',
        settings: stringBag([
          ['room', `room ${at % 100}`],
          ['level', '17'],
        ]),
      },
    }),
  );
const sessions = Array.from({length: 5000}, (_, at) => session(at));
const span = encodeArgument({type: 'trace', value: {trace: '00000000000000a1', span: '00000000000000b2'}});

/** Of a hundred calls: what is called, and what becomes of it. */
type Kind = {
  readonly fn: string;
  readonly toGate: boolean;
  readonly ends: 'ok' | 'error' | 'silent' | 'no-reply';
};
const kinds: readonly Kind[] = Array.from({length: 100}, (_, at) => {
  if (at < 60) return {fn: 'HD_move', toGate: false, ends: at < 3 ? 'error' : at < 4 ? 'silent' : 'ok'};
  if (at < 90) return {fn: 'Update', toGate: true, ends: at < 62 ? 'error' : 'ok'};
  return {fn: 'Send', toGate: true, ends: at < 95 ? 'no-reply' : 'ok'};
});

interface Sent {
  calls: number;
  errors: number;
  silent: number;
  noReply: number;
  readonly durations: number[];
}

const nats = await startNats();
const connect = () => connectBus({server: nats.url, timeoutMs: 5000, reconnect: true});
const [caller, node] = [await connect(), await connect()];
const folder = await temporaryFolder('gatectl-trace-bench-');
const file = path.join(folder.path, 'out');
const output = await openFile(file, 'w');
const tap = spawn(
  process.execPath,
  [
    ...[path.resolve('bin/gatectl.js'), 'trace', '--wait', '2s', '--allow-partial'],
    ...(printsCalls ? ['-o', 'jsonl'] : ['--summary', '-o', 'json']),
    ...['--server', nats.url, '--registry', `static:Gate@bench=${gateAddress},Game@bench=${moduleAddress}`],
  ],
  {stdio: ['ignore', output.fd, 'pipe']},
);
let said = '';
tap.stderr?.on('data', (chunk) => {
  said += chunk;
});
await until(() => said.includes('listening'), {what: 'the trace to listen', timeoutMs: 20_000});

const sent = new Map<string, Sent>();
const sentOf = (fn: string): Sent => {
  const known = sent.get(fn) ?? {calls: 0, errors: 0, silent: 0, noReply: 0, durations: []};
  sent.set(fn, known);
  return known;
};
const startedAt = new Map<string, {readonly at: number; readonly fn: string}>();

/** Envelopes are made beforehand, and each gets its Cid written into its place: the load should cost little itself. */
const cidAt = 2;
const cidOf = (n: number): string => n.toString(36).padStart(10, '0');

const replies = kinds.map(({fn, ends}) => {
  const cid = cidOf(0);
  if (ends === 'error')
    return encodeResult({cid, error: 'No Sesssion found', resultType: 'null', result: Buffer.alloc(0)});
  const isSession = fn === 'Update';
  const result = isSession ? (sessions[7] as Uint8Array) : Buffer.from('success');
  return encodeResult({cid, error: '', resultType: isSession ? 'SESSION' : 'string', result});
});

function answer(bytes: Uint8Array): void {
  const cid = Buffer.from(bytes.buffer, bytes.byteOffset + cidAt, 10);
  const at = Number.parseInt(cid.toString('latin1'), 36) % 100;
  const {ends} = kinds[at] as Kind;
  if (ends === 'silent' || ends === 'no-reply') return;
  const reply = Buffer.from(replies[at] as Buffer);
  cid.copy(reply, cidAt);
  node.publish(replyTo, reply);
}

/** Of each kind of call with each of some sessions. */
const calls = kinds.map((kind) => {
  return Array.from({length: 50}, (_, at) => {
    const n = Math.floor((at * sessions.length) / 50);
    const args = kind.toGate
      ? [span, {type: 'string', bytes: Buffer.from(n.toString(16).padStart(16, '0'))}]
      : [
          {type: 'SESSION', bytes: sessions[n] as Uint8Array},
          {type: 'bytes', bytes: Buffer.from('{"x":17,"y":4}')},
        ];
    return encodeCall({
      ...{cid: cidOf(0), fn: kind.fn, replyTo, track: '', expired: Date.now() + 10_000},
      ...{reply: kind.ends !== 'no-reply', caller: 'bench', hostname: 'bench'},
      ...{argsType: args.map(({type}) => type), args: args.map(({bytes: raw}) => raw)},
    });
  });
});

let number = 0;
function call(): void {
  const at = number % 100;
  const kind = kinds[at] as Kind;
  const cid = cidOf(number);
  const bytes = Buffer.from(calls[at]?.[Math.floor(number / 100) % 50] as Buffer);
  bytes.write(cid, cidAt, 'latin1');
  number += 1;
  const totals = sentOf(kind.fn);
  totals.calls += 1;
  if (kind.ends === 'error') totals.errors += 1;
  if (kind.ends === 'silent') totals.silent += 1;
  if (kind.ends === 'no-reply') totals.noReply += 1;
  if (kind.ends === 'ok' || kind.ends === 'error') startedAt.set(cid, {at: performance.now(), fn: kind.fn});
  caller.publish(kind.toGate ? gateAddress : moduleAddress, bytes);
}

node.subscribe(gateAddress, ({data}) => answer(data));
node.subscribe(moduleAddress, ({data}) => answer(data));
caller.subscribe(replyTo, ({data}) => {
  const cid = Buffer.from(data.buffer, data.byteOffset + cidAt, 10).toString('latin1');
  const call = startedAt.get(cid);
  if (call === undefined) return;
  startedAt.delete(cid);
  sentOf(call.fn).durations.push(performance.now() - call.at);
});
await Promise.all([caller.flush(), node.flush()]);

const cpuBefore = processorMs(tap.pid ?? 0);
const began = performance.now();
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const due = Math.min(rate * seconds, ((performance.now() - began) / 1000) * rate);
    while (number < due && startedAt.size < mostOpen) call();
    if (number >= rate * seconds) {
      clearInterval(timer);
      resolve();
    }
  }, turnMs);
});
const tookMs = performance.now() - began;
await until(() => [...startedAt].length === 0, {what: 'the last answers', timeoutMs: 20_000});
await new Promise((resolve) => setTimeout(resolve, 3000)); // the silent ones are given up by then
const cpuMs = processorMs(tap.pid ?? 0) - cpuBefore;
const ended = new Promise((resolve) => tap.once('close', resolve));
tap.kill('SIGINT');
await ended;
await Promise.all([caller.close(), node.close()]);
await nats[Symbol.asyncDispose]();

type Fields = Readonly<Record<string, number>>;
type FunctionFigures = Fields & {readonly fn: string; readonly ms: Fields};
const printed = await readFile(file, 'utf8');
await output.close();
await folder.remove();
const lines = printed.trimEnd().split('\n');
const last = printsCalls ? (JSON.parse(lines.at(-1) ?? '') as {readonly summary: object}).summary : undefined;
const told = (last ?? JSON.parse(printed)) as {
  readonly items?: readonly FunctionFigures[];
  readonly functions?: readonly FunctionFigures[];
} & Fields;
const sum = (of: (one: Sent) => number): number =>
  [...sent.values()].reduce((total, one) => total + of(one), 0);
console.log(
  `${number} calls in ${(tookMs / 1000).toFixed(1)} s: ${Math.round(number / (tookMs / 1000))} a second; ` +
    `trace used ${((cpuMs / tookMs) * 100).toFixed(0)} % of a core; load ${loadavg()[0]?.toFixed(1)}`,
);
const accounts: readonly (readonly [string, number, number | undefined])[] = [
  ['calls', number, told['calls']],
  ['answered', sum(({durations}) => durations.length), told['answered']],
  ['errors', sum(({errors}) => errors), told['errors']],
  ['unanswered', sum(({silent}) => silent), told['unanswered']],
  ['no answer wanted', sum(({noReply}) => noReply), told['noReply']],
];
for (const [name, mine, its] of accounts)
  console.log(
    `${name.padEnd(18)} sent ${String(mine).padStart(8)}   trace ${String(its).padStart(8)}   ${mine === its ? 'same' : 'DIFFERS'}`,
  );
const {missed, overflowed, open, gaps, strayReplies, foreign} = told;
console.log(
  `missed ${missed}, overflowed ${overflowed}, open ${open}, gaps ${gaps}, stray ${strayReplies}, of others ${foreign}`,
);
const lost = number - (told['calls'] ?? 0);
console.log(lost === 0 ? 'every call was heard' : `${lost} calls were not heard, in ${gaps} gaps`);
const quantile = (values: number[], part: number): number =>
  values.sort((a, b) => a - b)[Math.max(0, Math.ceil(part * values.length) - 1)] ?? 0;
const functions = told.functions ?? told.items ?? [];
if (printsCalls) console.log(`${lines.length - 1} lines of calls, ${told['notShown']} not shown`);
for (const {fn, ms, calls} of functions) {
  const {durations, calls: mine} = sentOf(fn);
  const both = (['p50', 'p95', 'p99'] as const).map((name) => {
    const own = quantile(durations, Number(name.slice(1)) / 100);
    return `${name} ${own.toFixed(2)} / ${ms[name]?.toFixed(2)}`;
  });
  console.log(
    `${fn.padEnd(8)} ${mine} / ${calls} calls; ms as the caller saw them / as the trace did: ${both.join(', ')}`,
  );
}
