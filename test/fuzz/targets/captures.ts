// What trace and snapshot read: messages of the bus as they were heard, and files that anybody may have written.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {DecodeError, NegativeError, PartialError, UsageError} from '../../../src/base/errors.js';
import {SnapshotCluster} from '../../../src/cluster/snapshot/snapshot-cluster.js';
import {openSnapshot} from '../../../src/cluster/snapshot/snapshot-file.js';
import {
  type CaptureFrame,
  captureHeader,
  encodeCaptureFrame,
  parseCaptureFrames,
} from '../../../src/cluster/trace/capture/capture-format.js';
import {replayCapture} from '../../../src/cluster/trace/capture/replay-capture.js';
import {NodeNames} from '../../../src/cluster/trace/naming/node-names.js';
import type {TracedCall} from '../../../src/cluster/trace/traced-call.js';
import {Tracer} from '../../../src/cluster/trace/tracer.js';
import {safeJson} from '../../../src/output/text/safe-text.js';
import {parseSelector} from '../../../src/selector/selector.js';
import {callBytes, caller, resultBytes, span, text} from '../../support/envelopes.js';
import {decodedLater, holds, type Target} from '../target.js';
import {someSession} from './wire.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-fuzz-'));
process.once('exit', () => rmSync(folder, {recursive: true, force: true}));

const gate = '_INBOX.gate';
const session = {type: 'SESSION', value: someSession} as const;
const where = await parseSelector('settings.room != "x" || uid == "u"');
const id = someSession.sessionId;

/** A message in an input: who hears it, its length in two bytes, and it. */
function heardAs(toCaller: boolean, data: Uint8Array): Buffer {
  const head = Buffer.of(toCaller ? 1 : 0, data.length >> 8, data.length & 255);
  return Buffer.concat([head, data]);
}

function* messagesIn(input: Buffer): Generator<readonly [subject: string, data: Buffer], void, undefined> {
  for (let at = 0; at + 3 <= input.length; ) {
    const length = input.readUInt16BE(at + 1);
    const data = input.subarray(at + 3, at + 3 + length);
    yield [(input[at] ?? 0) % 2 === 0 ? gate : caller, data];
    at += 3 + length;
  }
}

const conversations = [
  [callBytes('1', 'HD_say', [session, text('{"password":"p","deep":"{\\"a\\":1}"}')]), resultBytes('1')],
  [callBytes('1', 'Set', [span, text(id), text('token'), text('t')]), resultBytes('1', session)],
  [
    callBytes('1', 'IsConnect', [span, text('u')]),
    resultBytes('1', {type: 'bool', value: false}, 'Not Connect'),
  ],
  [
    callBytes('1', 'SendBatch', [
      span,
      text(`${id},b`),
      text('/t'),
      {type: 'bytes', value: Buffer.from('{}')},
    ]),
  ],
  [
    callBytes('1', 'f', [
      {type: 'map', value: {a: 1}},
      {type: 'long', value: 2n ** 62n},
    ]),
    resultBytes('1', text(''), 'no'),
  ],
];

export const trace: Target = {
  name: 'trace',
  seeds: conversations.map((messages) => Buffer.concat(messages.map((data, at) => heardAs(at === 1, data)))),
  words: [
    id,
    'SESSION',
    'marshal@gate.Session',
    'mapstr',
    'IsConnect',
    'Not Connect',
    '----Stack----',
    '{"token":',
    'Kick',
  ],
  run(input) {
    const names = new NodeNames();
    names.learn([{id: 'Gate@a', address: gate}]);
    const calls: TracedCall[] = [];
    const onCall = (call: TracedCall): void => void calls.push(call);
    const tracer = new Tracer({
      names,
      filter: {},
      where: input.length % 2 === 0 ? where : undefined,
      bodies: true,
      waitMs: 5,
      onCall,
    });
    let at = 1000;
    let count = 0;
    for (const [subject, data] of messagesIn(input)) {
      at += 1;
      count += 1;
      tracer.hear({at, subject, data});
      tracer.tick(at);
      if (data.length === 13) tracer.gap();
    }
    tracer.end();
    const {messages, foreign, open} = tracer.counts();
    holds(messages === count && foreign <= count, 'each message is counted once');
    holds(open <= count, 'no more calls are open than messages came');
    holds(calls.length <= count, 'a call is told once');
    holds(safeJson(calls).length > 0, 'a call is JSON');
    tracer.summary();
  },
};

const frames: readonly CaptureFrame[] = [
  {kind: 'nodes', at: 1, nodes: [{id: 'Gate@a', address: gate}]},
  {kind: 'message', at: 2, subject: gate, data: callBytes('1', 'HD_say', [session])},
  {kind: 'message', at: 3, subject: caller, data: resultBytes('1')},
  {kind: 'gap', at: 4, why: 'the bus was lost'},
  {kind: 'end', at: 5, notSaved: 7},
];

async function framesOf(input: Buffer, pieceBytes: number): Promise<readonly CaptureFrame[]> {
  const found: CaptureFrame[] = [];
  async function* pieces() {
    for (let at = 0; at < input.length; at += pieceBytes) yield input.subarray(at, at + pieceBytes);
  }
  for await (const frame of parseCaptureFrames(pieces(), () => {}))
    found.push(frame.kind === 'message' ? {...frame, data: Buffer.from(frame.data)} : frame);
  return found;
}

const told = (all: readonly CaptureFrame[] | undefined): string =>
  JSON.stringify(all, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  ) ?? '';

export const capture: Target = {
  name: 'capture',
  seeds: [
    Buffer.concat([
      captureHeader({at: '2026-01-01T00:00:00.000Z', server: 'nats://a'}),
      ...frames.map(encodeCaptureFrame),
    ]),
    Buffer.from('{"format":"gatectl capture","version":2}\n'),
  ],
  words: ['{"format":"gatectl capture","version":1}\n', '{"nodes":[null]}', '{"why":1}', 'null', '\n'],
  async run(input) {
    const atOnce = await decodedLater([DecodeError], () => framesOf(input, Number.MAX_SAFE_INTEGER));
    if (input.length < 5000) {
      const inPieces = await decodedLater([DecodeError], () => framesOf(input, 7));
      holds(told(atOnce) === told(inPieces), 'a capture in pieces is the same');
    }
    const file = path.join(folder, 'capture');
    writeFileSync(file, input);
    await decodedLater([DecodeError], async () => {
      const {signal} = new AbortController();
      const query = {signal, where, bodies: true, summaryEveryMs: 1e12};
      for await (const event of replayCapture(file, query)) safeJson(event);
    });
  },
};

const header = {
  snapshot: {
    ...{
      version: 1,
      gatectl: '0',
      context: null,
      server: 's',
      registry: 'r',
      savedAt: '2026-01-01T00:00:00.000Z',
    },
    ...{where: null, sessions: 1, complete: true},
    gates: [
      {
        node: {id: 'Gate@a', type: 'Gate', address: gate},
        outcome: {node: 'Gate@a', status: 'ok', ms: 1, count: 1},
      },
    ],
  },
};
const row = {
  id,
  gate: 'Gate@a',
  uid: 'u',
  connectedAt: '2026-01-01T00:00:00.000Z',
  received: 1,
  settings: {room: 'a'},
};
const saved = {record: {uid: 'u', gate: 'Gate@a', value: 'AAE=', revision: '1', expiresAt: 0}};
const withRecord = Buffer.from(
  `${JSON.stringify({snapshot: {...header.snapshot, sessions: 0, records: {count: 1, gates: [header.snapshot.gates[0]?.outcome]}}})}\n${JSON.stringify(saved)}\n`,
);
const whole = Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(row)}\n`);

export const snapshot: Target = {
  name: 'snapshot',
  seeds: [whole, withRecord, gzipSync(whole), Buffer.from(JSON.stringify(header))],
  words: [
    '"outcome":',
    '"node":',
    'null',
    '1e999',
    '__proto__',
    '"status":"failed"',
    '\n',
    '{"snapshot":',
    '"sessions":',
  ],
  async run(input) {
    const file = path.join(folder, 'snapshot');
    writeFileSync(file, input);
    const refusals = [UsageError, DecodeError, NegativeError, PartialError];
    const opened = await decodedLater(refusals, () => openSnapshot(file));
    if (opened === undefined) return;
    const cluster = new SnapshotCluster(opened);
    await decodedLater(refusals, async () => {
      const listing = await cluster.list({where});
      for await (const one of listing.rows) safeJson(one);
      safeJson(listing.outcomes());
    });
    await decodedLater(refusals, async () => safeJson((await cluster.count()).outcomes));
    await decodedLater(refusals, () => cluster.find('u'));
    await decodedLater(refusals, () => cluster.locate(id, {allowPrefix: true}));
    await decodedLater(refusals, () => cluster.online('u'));
    await decodedLater(refusals, async () => {
      for await (const one of (await cluster.records.list()).rows) safeJson(one);
    });
    await decodedLater(refusals, () => cluster.records.get('u'));
  },
};
