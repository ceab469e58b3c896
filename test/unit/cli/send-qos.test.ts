import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

/** A gate with sessions `s0…`; s1 does not acknowledge, s2 refuses. */
function gateOf(count: number): FakeGate {
  const gate = new FakeGate('Gate@a');
  for (let at = 0; at < count; at += 1)
    gate.add(aRow({sessionId: `5e55000${at}`, userId: `u${at}`, serverId: gate.nodeId}));
  gate.deliveries.set('5e550001', {state: 'unacknowledged', detail: 'no PUBACK in time'});
  gate.deliveries.set('5e550002', {state: 'refused', detail: 'reason code 0x97'});
  return gate;
}

describe('send --qos 1', () => {
  test.each([
    ['5e550000', 0, {state: 'acknowledged'}],
    ['5e550001', 7, {state: 'unacknowledged', detail: 'no PUBACK in time'}],
    ['5e550002', 1, {state: 'refused', detail: 'reason code 0x97'}],
  ])('to %s exits with %i and reports the delivery state', async (id, code, delivery) => {
    const gate = gateOf(3);
    const sent = await gatectl(`send ${id} /t hello --qos 1 -o json`, {gates: [gate]});
    expect({code: sent.code, ...JSON.parse(sent.out)}).toEqual({
      ...{version: 1, code, id, gate: 'Gate@a', topic: '/t', bytes: 5, qos: 1},
      ...delivery,
    });
    expect(gate.calls).not.toContain('Send');
  });

  test('reports each of many sessions, and exits with 7 when some do not acknowledge', async () => {
    const {code, out, err} = await gatectl('send --all /t hello --qos 1 --yes --expect 4', {
      gates: [gateOf(4)],
    });
    expect(out.split('\n').slice(0, -1).sort()).toEqual([
      '5e550000\tu0\tGate@a\tdone\t',
      '5e550001\tu1\tGate@a\tpending\tnot acknowledged: no PUBACK in time',
      '5e550002\tu2\tGate@a\tfailed\trefused: reason code 0x97',
      '5e550003\tu3\tGate@a\tdone\t',
    ]);
    expect(err).toContain('send: 2 done, 1 pending, 1 failed of 4 sessions');
    expect(code).toBe(7);
  });

  test('fills in a template for each session', async () => {
    const gate = gateOf(1);
    const {code} = await gatectl('send --all /t {{uid}} --template --qos 1', {gates: [gate]});
    expect({code, sent: gate.sent.map(({body}) => body)}).toEqual({code: 0, sent: ['u0']});
  });

  test('--resume repeats unacknowledged messages, and --plan keeps the QoS', async () => {
    const gate = gateOf(3);
    const file = path.join(folder.path, 'sent.jsonl');
    await gatectl(`send --all /t x --qos 1 --outcome ${file}`, {gates: [gate]});
    const bare = await gatectl(`send --resume ${file} /t x`, {gates: [gate]});
    expect({code: bare.code, err: bare.err}).toEqual({
      code: 2,
      err: expect.stringContaining('another write'),
    });
    gate.deliveries.clear();
    gate.sent.length = 0;
    const {code} = await gatectl(`send --resume ${file} /t x --qos 1`, {gates: [gate]});
    expect({code, sent: gate.sent.map(({sessionId}) => sessionId)}).toEqual({
      code: 0,
      sent: ['5e550001', '5e550002'],
    });
    const plan = path.join(folder.path, 'send.plan');
    await gatectl(`send --all /t x --qos 1 --plan ${plan}`, {gates: [gate]});
    gate.calls.length = 0;
    const applied = await gatectl(`apply ${plan} --yes`, {gates: [gate]});
    expect(applied.err).toContain('send: 3 done');
    expect(gate.calls).toContain('GatectlDeliver');
  });

  test('fails on a gate without the extension, and names the reason', async () => {
    const gate = gateOf(1);
    gate.stock = true;
    const one = await gatectl('send Gate@a/5e550000 /t x --qos 1', {gates: [gate]});
    expect({code: one.code, err: one.err}).toEqual({
      code: expect.any(Number),
      err: expect.stringContaining('GatectlDeliver'),
    });
    expect(one.code).not.toBe(0);
    expect(gate.sent).toEqual([]);
  });

  test.each([
    ['--qos 2', 'invalid QoS "2"'],
    ['--wait 5s', '--wait requires --qos 1'],
    ['--qos 1 --wait 2m', 'at most 60s'],
  ])('%s is refused before anything is sent', async (flags, text) => {
    const gate = gateOf(1);
    const {code, err} = await gatectl(`send 5e550000 /t x ${flags}`, {gates: [gate]});
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining(text)});
    expect(gate.sent).toEqual([]);
  });
});
