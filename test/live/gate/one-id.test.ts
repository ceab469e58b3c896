import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ConflictError} from '../../../src/base/errors.js';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {errorResult, Responder} from '../../../src/bus/rpc/responder.js';
import type {Gate} from '../../../src/gate/node/running-gate.js';
import {startGate} from '../../../src/gate/node/start-gate.js';
import {startModule} from '../../../src/module/start-module.js';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {startEtcd} from '../../support/etcd.js';
import {aNode} from '../../support/fake-registry.js';
import {gateClientOn} from '../../support/gate-caller.js';
import {GateProcess} from '../../support/gate-process.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {testWith} from '../../support/servers.js';

describe('C1: one process per id', () => {
  let nats: TestBus;
  let bus: Bus;
  const connections: Bus[] = [];

  beforeAll(async () => {
    nats = await startBus();
    bus = await connect();
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await nats?.[Symbol.asyncDispose]();
  });

  async function connect(): Promise<Bus> {
    const connection = await connectBus({server: nats.url, timeoutMs: 20_000, reconnect: true});
    connections.push(connection);
    return connection;
  }

  const run = (id: string, ...more: readonly string[]) =>
    spawnGatectl(['gate', 'run', '--tcp', '0', '--id', id, '--server', nats.url, ...more], {
      env: {GATECTL_TIMEOUT: '20s'},
    });
  const listed = async (type: string): Promise<readonly string[]> =>
    (await new NatsDiscovery({bus}).nodes(type, {settleMs: 300})).map(
      ({id, metadata}) => `${id} ${metadata['pid']}`,
    );

  test('C1: a gate with an active id does not start: exit 5, and the first one stays', async () => {
    await using first = await GateProcess.start('one', nats.url);
    const {code, out, err} = await run('one');
    expect({code, out}).toEqual({code: 5, out: ''});
    expect(err).toContain(`cannot start Gate@one: it is already running, as pid ${first.pid}`);
    expect(err).toContain('--take-over');
    expect(await listed('Gate')).toContain(`Gate@one ${first.pid}`);
  });

  test('C1: a suspended process keeps its id until a take-over, and stops when resumed', async () => {
    await using first = await GateProcess.start('stopped', nats.url);
    first.signal('SIGSTOP');
    const {code, err} = await run('stopped');
    expect(code).toBe(5);
    expect(err).toContain('did not answer within 1000 ms');
    await using second = await GateProcess.start('stopped', nats.url, '--take-over');
    first.signal('SIGCONT');
    expect(await first.ended()).toBe(5);
    expect(first.said()).toContain(`pid ${second.pid}`);
    await until(async () => (await listed('Gate')).join().includes(`Gate@stopped ${second.pid}`), {
      what: 'the second one to be listed',
    });
    expect((await gateClientOn(bus, 'Gate@stopped').info()).pid).toBe(second.pid);
  });

  test('C1: a take-over stops the running gate', async () => {
    await using first = await GateProcess.start('taken', nats.url);
    await using second = await GateProcess.start('taken', nats.url, '--take-over');
    expect(await first.ended()).toBe(5);
    expect((await gateClientOn(bus, 'Gate@taken').info()).pid).toBe(second.pid);
  });

  test('C1: a killed gate restarts at once', async () => {
    const first = await GateProcess.start('again', nats.url);
    await first.kill();
    await using second = await GateProcess.start('again', nats.url);
    expect(second.pid).not.toBe(first.pid);
  });

  test('C1: one of several gates started at once serves', async () => {
    for (let round = 0; round < 8; round += 1) {
      const id = `race${round}`;
      const buses = await Promise.all([connect(), connect(), connect()]);
      const superseded = new Set<Gate>();
      const starts = await Promise.allSettled(
        buses.map((one) => startGate({bus: one, registry: new NatsDiscovery({bus: one}), id})),
      );
      const gates = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
      for (const gate of gates) void gate.superseded.then(() => superseded.add(gate));
      for (const start of starts)
        if (start.status === 'rejected') expect(start.reason).toBeInstanceOf(ConflictError);
      await until(() => gates.length - superseded.size === 1, {what: 'one gate to be left'});
      const survivor = gates.find((gate) => !superseded.has(gate));
      await Promise.all([...superseded].map((gate) => gate.stop()));
      expect(await gateClientOn(bus, `Gate@${id}`).info()).toMatchObject({nodeId: `Gate@${id}`});
      expect((await listed('Gate')).join()).toContain(`Gate@${id} `);
      await survivor?.stop();
    }
  }, 60_000);

  test('C1: a module with an active id does not start', async () => {
    const registry = new NatsDiscovery({bus});
    const options = {type: 'HelloWorld', id: 'h', handlers: {}};
    const first = await startModule({...options, bus, registry});
    const other = await connect();
    const again = {...options, bus: other, registry: new NatsDiscovery({bus: other})};
    await expect(startModule(again)).rejects.toThrow(ConflictError);
    const second = await startModule({...again, takeOver: true});
    expect(String(await first.superseded)).toContain('took over this id');
    await first.close();
    expect((await listed('HelloWorld')).length).toBe(1);
    await second.close();
  });

  testWith('etcd')(
    'C1: in etcd a record without a process does not count, one with a process does',
    async () => {
      await using etcd = await startEtcd();
      const registry = EtcdRegistry.fromUrl(etcd.url.replace('http:', 'etcd:'));
      await registry.register(aNode('Gate@dead', {address: '_INBOX.dead'}));
      await registry.register(aNode('Gate@left')); // our own address, of a life before
      for (const id of ['dead', 'left']) await (await startGate({bus, registry, id})).stop();
      await registry.register(aNode('Gate@alive', {address: '_INBOX.alive', subjectPerFunction: false}));
      const stock = new Responder({
        bus: await connect(),
        address: '_INBOX.alive',
        serve: async ({fn}) => errorResult(`Remote function(${fn}) not found`), // as mqant does
      });
      await bus.flush();
      await expect(startGate({bus, registry, id: 'alive'})).rejects.toThrow('it is already running');
      await stock.stop();
      await registry.close();
    },
  );
});
