import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {type CallResult, errorResult, Responder} from '../../../src/bus/rpc/responder.js';
import {openCluster} from '../../../src/cluster/gates/open-cluster.js';
import {stockFunctions} from '../../../src/session/gate-api.js';
import {FakeGate} from '../../support/fake-gate.js';
import {startBus} from '../../support/nats.js';
import {gatectl} from '../../support/run-cli.js';

/** One node of each kind on a real nats-server. */
const addresses = {
  'Gate@fork': 'node.fork',
  'Gate@stock': 'node.stock',
  'Gate@full': 'node.full',
  'Gate@old': 'node.old',
  'Gate@gone': 'node.gone',
  'Gate@context': 'node.context',
  'Gate@veto': 'node.veto',
  'SV_Gate@s': 'node.sv',
  'gate@l': 'node.lower',
  'Hall@h': 'node.hall',
};

let server: Awaited<ReturnType<typeof startBus>>;
let bus: Bus;

beforeAll(async () => {
  server = await startBus();
  bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
  const serve = (
    id: keyof typeof addresses,
    has: (fn: string) => boolean,
    otherwise = (fn: string) => `Remote function(${fn}) not found`,
  ) => {
    const gate = new FakeGate(id);
    const answer = gateCallHandler({gate, pages: gate, type: 'Gate'});
    new Responder({
      bus,
      address: addresses[id],
      serve: async (call): Promise<CallResult> =>
        has(call.fn) ? await answer(call) : errorResult(otherwise(call.fn)),
    });
  };
  serve('Gate@fork', () => false);
  serve('Gate@stock', (fn) => (stockFunctions as readonly string[]).includes(fn));
  serve('SV_Gate@s', (fn) => (stockFunctions as readonly string[]).includes(fn));
  serve('gate@l', () => true);
  serve('Hall@h', () => false);
  serve('Gate@full', () => true);
  serve('Gate@old', (fn) => fn !== 'GatectlCount');
  const arity = 'The number of params [[123 34]] is not adapted.<func(context.Context, string) Value>';
  const words = (text: string) => (fn: string) =>
    fn === 'IsConnect' ? text : `Remote function(${fn}) not found`;
  serve('Gate@context', () => false, words(arity));
  serve('Gate@veto', () => false, words('not now'));
  await bus.flush();
});

afterAll(async () => {
  await bus?.close();
  await server?.[Symbol.asyncDispose]();
});

const run = (line: string, nodes: readonly (keyof typeof addresses)[]) => {
  const registry = `static:${nodes.map((id) => `${id}=${addresses[id]}`).join(',')}`;
  return gatectl(`${line} --server ${server.url} --registry ${registry} --timeout 5s`, {openCluster});
};

const items = (out: string) => (JSON.parse(out) as {items: readonly Record<string, string>[]}).items;

const fork = /^Gate@fork speaks mqant RPC but has no .*: it is a fork with other functions, or not a gate$/;
const otherJudgement = /no mqant gate|stock mqant gate|process|did not answer/;

test('C10: doctor reports one finding for a node with unknown gate functions', async () => {
  const {code, out} = await run('doctor -o json', ['Gate@fork', 'Gate@full']);
  const ofFork = items(out).filter(({subject}) => subject === 'Gate@fork');
  expect(code).toBe(3);
  expect(ofFork).toMatchObject([
    {check: 'round trip', state: 'ok'},
    {check: 'functions', state: 'fail', detail: expect.stringMatching(fork)},
  ]);
  expect(JSON.stringify(ofFork)).not.toMatch(otherJudgement);
  // what NATS lets one ask of gates with a subject per function says nothing of these
  expect(items(out).filter(({subject}) => subject === 'NATS')).toEqual([]);
});

test("C10: every command and the dashboard's data report the same", async () => {
  const lines = [
    'gates info',
    'sessions list',
    'sessions count',
    'sessions find u1',
    'sessions get 00000000deadbeef',
    'sessions get Gate@fork/00000000deadbeef',
    'sessions kick Gate@fork/00000000deadbeef --yes',
    'settings list Gate@fork/00000000deadbeef',
    'records get u1',
    'broadcast /t x --yes',
  ];
  for (const line of lines) {
    const {code, err} = await run(line, ['Gate@fork']);
    expect({line, code: code === 0, err}).toEqual({
      line,
      code: false,
      err: expect.stringMatching(/Gate@fork/),
    });
    expect({line, err}).toEqual({line, err: expect.stringContaining('speaks mqant RPC but has no ')});
    expect(err).not.toMatch(otherJudgement);
    expect(err).not.toContain('--store <url>');
  }
  expect(await run('gates ping', ['Gate@fork'])).toMatchObject({code: 0, err: ''});
  const cluster = await openCluster({
    server: server.url,
    registry: `static:Gate@fork=${addresses['Gate@fork']}`,
    gateType: 'Gate',
    timeoutMs: 5000,
  });
  const [outcome] = (await cluster.stats()).outcomes;
  await cluster.close();
  expect(outcome).toMatchObject({role: 'other', reason: 'unsupported', message: expect.stringMatching(fork)});
});

test('C10: gates list shows the kind of each node without waiting for impossible replies', async () => {
  const all = Object.keys(addresses) as (keyof typeof addresses)[];
  const {code, out, err} = await run('gates list -o json', all);
  expect({code, err}).toEqual({
    code: 3,
    err: expect.stringContaining('1 of 7 gates did not answer (Gate@gone)'),
  });
  expect(items(out).map(({gate, kind, lacks}) => ({gate, kind, lacks}))).toEqual([
    {gate: 'Gate@context', kind: 'other', lacks: ['GatectlInfo']},
    {gate: 'Gate@fork', kind: 'other', lacks: ['IsConnect', 'GatectlInfo']},
    {gate: 'Gate@full', kind: 'gate', lacks: []},
    {gate: 'Gate@gone', kind: 'silent', lacks: []},
    {gate: 'Gate@old', kind: 'gate', lacks: []},
    {gate: 'Gate@stock', kind: 'stock-gate', lacks: ['GatectlInfo']},
    {gate: 'Gate@veto', kind: 'unclear', lacks: ['GatectlInfo']},
  ]);
});

test('C10: a gate that lacks one extension function is not a stock gate', async () => {
  const {code, err} = await run('sessions count -o json', ['Gate@old', 'Gate@stock']);
  expect(code).toBe(3);
  expect(err).toContain('Gate@old has no GatectlCount: it runs fake 0.0.0');
  expect(err).toContain('Gate@stock is a stock mqant gate: it has no GatectlCount');
});

test('C10: a store adds sessions to a stock gate, and none to a node that is not a gate', async () => {
  const {err} = await run('sessions list --tap 10ms', ['Gate@fork', 'Gate@stock']);
  expect(err).toContain('Gate@stock is a stock mqant gate: 0 of its sessions are known');
  expect(err).toContain('Gate@fork speaks mqant RPC but has no');
});

test('C10: a function with other arguments is not a gate function, and a refusal proves nothing', async () => {
  const {err} = await run('sessions list', ['Gate@context', 'Gate@veto']);
  expect(err).toContain(
    'Gate@context speaks mqant RPC but has no GatectlInfo or GatectlList and a different IsConnect: it is a fork with other functions',
  );
  expect(err).toContain('Gate@veto has no GatectlList and refuses IsConnect, so it may or may not be a gate');
  expect((await run('gates ping', ['Gate@context', 'Gate@veto'])).code).toBe(0);
});

test('finds gates of another type, and needs no type for full ids', async () => {
  expect(await run('gates list -o ids', ['SV_Gate@s', 'Hall@h'])).toMatchObject({
    code: 0,
    out: 'SV_Gate@s\n',
  });
  const named = await run('sessions get SV_Gate@s/00000000deadbeef', ['SV_Gate@s', 'Gate@full']);
  expect(named.err).toContain('no session "00000000deadbeef" on SV_Gate@s');
  const module = await run('sessions get Hall@h/00000000deadbeef', ['SV_Gate@s', 'Hall@h']);
  expect(module).toMatchObject({code: 2, err: expect.stringContaining('"Hall@h" is not a gate')});
});

test('names the existing types in the error, with a working hint', async () => {
  const nodes = ['SV_Gate@s', 'gate@l', 'Hall@h'] as const;
  const {code, err} = await run('sessions list', nodes);
  expect(code).toBe(8);
  expect(err).toContain(
    'no gate of type "Gate" in the static list: it has SV_Gate (answers as a gate), gate (answers as a gate), Hall\n' +
      'hint: gatectl gates list --gate-type SV_Gate,gate\n',
  );
  const hinted = await run('gates list --gate-type SV_Gate,gate -o ids', nodes);
  expect(hinted).toMatchObject({code: 0, out: 'SV_Gate@s\ngate@l\n'});
});

test('gates list --all-types lists modules and their kind', async () => {
  const {code, out} = await run('gates list --all-types -o json', [
    'SV_Gate@s',
    'gate@l',
    'Hall@h',
    'Gate@gone',
  ]);
  expect(code).toBe(0);
  expect(items(out).map(({node, kind}) => [node, kind])).toEqual([
    ['Gate@gone', 'silent'],
    ['Hall@h', 'other'],
    ['SV_Gate@s', 'stock-gate'],
    ['gate@l', 'gate'],
  ]);
});

test('gates info has a row for a stock gate', async () => {
  const {code, out, err} = await run('gates info -o json', ['Gate@stock', 'Gate@full']);
  expect(code).toBe(3);
  expect(items(out)).toMatchObject([
    {gate: 'Gate@full', kind: 'gate', address: 'node.full', software: 'fake'},
    {gate: 'Gate@stock', kind: 'stock-gate', address: 'node.stock', software: 'mqant', sessions: null},
  ]);
  expect(err).toContain('Gate@stock is a stock mqant gate: it has no GatectlInfo');
  expect((await run('gates info', ['Gate@stock'])).out).toContain('stock mqant gate');
});
