import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import {NatsPresence} from '../../../src/registry/nats/nats-presence.js';
import {extensionFunctions, stockFunctions} from '../../../src/session/gate-api.js';
import {startEtcd} from '../../support/etcd.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {testWith} from '../../support/servers.js';

/** As gates were before they asked whether their id is taken: the one has six clients, the other none. */
describe('C1: two processes with one gate id', () => {
  let nats: TestBus;
  const buses: Bus[] = [];
  const presences: NatsPresence[] = [];

  beforeAll(async () => {
    nats = await startBus();
    const rows = Array.from({length: 6}, (_, at) => aRow({userId: `u${at}`, sessionId: `${at}`.repeat(16)}));
    for (const [pid, own] of [
      [7, rows],
      [8, []],
    ] as const) {
      const bus = await connectBus({server: nats.url, timeoutMs: 20_000, reconnect: true});
      buses.push(bus);
      const gate = new FakeGate('Gate@a', own);
      const info = gate.info.bind(gate);
      gate.info = async () => ({...(await info()), pid, startedAt: pid});
      const metadata = {pid: String(pid), hostname: 'localhost'};
      const node = aNode('Gate@a', {metadata});
      const functionSubjects = [...stockFunctions, ...extensionFunctions];
      const serve = gateCallHandler({gate, pages: gate, type: 'Gate'});
      new Responder({bus, address: node.address, functionSubjects, serve});
      presences.push(new NatsPresence({bus, node}));
      await bus.flush();
    }
  });
  afterAll(async () => {
    for (const presence of presences) await presence.close();
    for (const bus of buses) await bus.close();
    await nats?.[Symbol.asyncDispose]();
  });

  const gatectl = (...words: readonly string[]) =>
    spawnGatectl([...words, '--server', nats.url], {env: {GATECTL_TIMEOUT: '20s'}});
  const both = /2 processes that answer in turns: pid [78] on localhost, pid [78] on localhost/;

  test.each([
    ['sessions', 'list'],
    ['sessions', 'count'],
    ['sessions', 'find', 'u1'],
    ['gates', 'info'],
    ['gates', 'ping'],
    ['gates', 'list'],
  ])('%s %s: names both, exit 3', async (...words) => {
    const {code, err} = await gatectl(...words);
    expect({code, err}).toEqual({code: 3, err: expect.stringMatching(both)});
  });

  test('reports an incomplete listing and its reason in machine formats', async () => {
    const listed = JSON.parse((await gatectl('sessions', 'list', '-o', 'json')).out);
    expect(listed).toMatchObject({
      complete: false,
      gates: [{node: 'Gate@a', status: 'failed', reason: 'duplicate-id'}],
    });
    const gates = JSON.parse((await gatectl('gates', 'list', '-o', 'json')).out);
    expect(gates.items[0].processes.toSorted()).toEqual(['pid 7 on localhost', 'pid 8 on localhost']);
  });

  test('doctor fails with exit code 5', async () => {
    const {code, out} = await gatectl('doctor', '-o', 'json');
    expect(code).toBe(5);
    const {items} = JSON.parse(out) as {items: readonly Record<string, string>[]};
    expect(items).toContainEqual(
      expect.objectContaining({
        ...{check: 'identity', subject: 'Gate@a', state: 'fail', detail: expect.stringMatching(both)},
      }),
    );
  });

  test('reports no session as missing, and writes to none by chance', async () => {
    const kick = await gatectl('sessions', 'kick', '9'.repeat(16), '--yes');
    expect(kick.code).toBe(3);
    expect(kick.err).toContain('cannot tell whether');
    const {code, err} = await gatectl('sessions', 'kick', '1'.repeat(16), '--yes');
    expect([3, 5]).toContain(code); // found by chance, or not
    expect(err).toMatch(both);
    const all = await gatectl('sessions', 'kick', '--all', '--yes', '--expect', '6');
    expect(all.code).toBe(3);
  });

  test('counts the replies of nodes in a static list', async () => {
    const registry = ['--registry', 'static:Gate@a=mqant.gate.Gate.a'];
    const {code, err} = await gatectl('gates', 'list', ...registry);
    expect({code, err}).toEqual({code: 3, err: expect.stringMatching(both)});
    expect((await gatectl('doctor', ...registry)).code).toBe(5);
  });

  testWith('etcd')('detects two replies per call in etcd, which has one record per id', async () => {
    await using etcd = await startEtcd();
    const url = etcd.url.replace('http:', 'etcd:');
    const writer = EtcdRegistry.fromUrl(url);
    await writer.register(aNode('Gate@a'));
    const registry = ['--registry', url];
    for (const words of [
      ['sessions', 'list'],
      ['sessions', 'count'],
      ['gates', 'info'],
    ]) {
      const {code, err} = await gatectl(...words, ...registry);
      expect({words, code, err}).toEqual({
        words,
        code: 3,
        err: expect.stringContaining('answered a call twice'),
      });
    }
    await writer.close();
  });
});
