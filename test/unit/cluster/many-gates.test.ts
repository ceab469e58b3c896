import {performance} from 'node:perf_hooks';
import {setTimeout as wait} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {GateClient} from '../../../src/bus/gate/gate-client.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Caller} from '../../../src/bus/rpc/caller.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {SessionQueue} from '../../../src/bus/rpc/session-queue.js';
import {probeBus} from '../../../src/cluster/access/probe-bus.js';
import {GateCluster} from '../../../src/cluster/gates/gate-cluster.js';
import {FakeBus} from '../../support/fake-bus.js';
import {FakeGate} from '../../support/fake-gate.js';
import {aNode, FakeRegistry} from '../../support/fake-registry.js';
import {fakeEventBus} from '../../support/run-cli.js';

test('B16: asks fifty gates of which one hangs, a hundred times, within the timeout and without leaks', async () => {
  const timeoutMs = 30;
  const bus = new FakeBus();
  const gates = Array.from({length: 50}, (_, at) => new FakeGate(`Gate@g${at}`));
  const [hung] = gates;
  if (hung === undefined) throw new Error('no gate');
  hung.before = () => new Promise(() => {});
  const nodes = gates.map(({nodeId}) => aNode(nodeId, {subjectPerFunction: false}));
  for (const [at, gate] of gates.entries()) {
    const serve = gateCallHandler({gate, pages: gate, type: 'Gate'});
    new Responder({bus, address: nodes[at]?.address ?? '', serve});
  }
  const before = bus.subscriptions;
  const late: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const caller = new Caller(bus, {caller: 'test', hostname: 'test', timeoutMs});
    const queue = new SessionQueue();
    const cluster = new GateCluster({
      ...{registry: new FakeRegistry(nodes), server: 'nats://fake', gateType: 'Gate', timeoutMs},
      gateOf: ({id, address, subjectPerFunction}) =>
        new GateClient({
          caller,
          queue,
          maxPayloadBytes: 1e6,
          target: {node: id, address, subjectPerFunction},
        }),
      bus: fakeEventBus(),
      clock: {now: () => performance.now(), wait: (ms) => wait(ms)},
      probe: () => probeBus(bus, 'Gate', () => 0),
      census: async () => new Map(),
      tap: {openTap: async () => bus, inboxPrefix: undefined, now: () => 0},
      close: async () => caller.close(),
    });
    const timer = wait(timeoutMs).then(() => performance.now()); // late where the machine is busy
    const {outcomes} = await cluster.count();
    const ended = performance.now();
    late.push(ended - (await timer));
    expect(outcomes.filter(({status}) => status === 'ok')).toHaveLength(49);
    expect(outcomes.find(({status}) => status === 'failed')).toMatchObject({
      node: 'Gate@g0',
      reason: 'timeout',
    });
    await cluster.close();
  }
  expect(bus.subscriptions).toBe(before);
  expect(late.sort((left, right) => left - right)[95]).toBeLessThan(150);
});
