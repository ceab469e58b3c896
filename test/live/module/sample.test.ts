import {describe, expect, test} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import type {Gate, GateOptions, StorageHandler} from '../../../src/gate/index.js';
import {startGate} from '../../../src/gate/node/start-gate.js';
import {startModule} from '../../../src/module/start-module.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import type {SessionDocument} from '../../../src/session/index.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startBus} from '../../support/nats.js';
import {importProgram, typeErrorsIn} from '../../support/page-programs.js';
import {until} from '../../support/poll.js';
import {ask, nextMessage} from '../../support/test-gate.js';

const page = 'docs/authors.md';

interface HelloWorldProgram {
  start(server: string): Promise<{readonly nodeId: string; close(): Promise<void>}>;
}
interface GateProgram {
  start(
    server: string,
    options?: Partial<GateOptions>,
  ): Promise<{readonly gate: Gate; close(): Promise<void>}>;
}
interface StorageProgram {
  SessionStorage: new () => StorageHandler & {roomOf(userId: string): string | undefined};
}

test('the HelloWorld of docs/authors.md serves clients', async () => {
  await using server = await startBus();
  await using clients = new MqttClients();
  const sample = await importProgram<HelloWorldProgram>(page, 'hello-world.ts');
  const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
  const registry = new NatsDiscovery({bus});
  const gate = await startGate({bus, registry, id: 'g1', tcp: {host: '127.0.0.1', port: 0}});
  const module = await sample.start(server.url);
  const client = await clients.open(`mqtt://127.0.0.1:${gate.tcpPort}`);
  const pushed = nextMessage(client, '/gate/send/test');
  expect(await ask(client, 'HelloWorld/HD_gatesay/1', '{"name": "neo"}')).toMatchObject({
    Error: '',
    Result: 'hi neo 你在网关 Gate@g1',
  });
  expect((await pushed).toString()).toBe('send hi to neo');
  expect(await ask(client, 'HelloWorld/HD_login/2', '{"name": "neo"}')).toMatchObject({
    Error: '',
    Result: {userId: 'neo', roomName: 'mqant'},
  });
  expect(await ask(client, 'HelloWorld/HD_login/3', '{}')).toMatchObject({
    Error: 'say who you are: {"name": …}',
  });
  await module.close();
  await gate.stop({drainMs: 0});
  await registry.close();
  await bus.close();
});

describe('the other programs of docs/authors.md', () => {
  test('type-check', async () => {
    expect(await typeErrorsIn(page)).toBe('');
  }, 60_000);

  test('a gate with a storage handler of its own keeps the settings of a user', async () => {
    await using server = await startBus();
    await using clients = new MqttClients();
    const [gates, storages, hello] = await Promise.all([
      importProgram<GateProgram>(page, 'gate.ts'),
      importProgram<StorageProgram>(page, 'storage.ts'),
      importProgram<HelloWorldProgram>(page, 'hello-world.ts'),
    ]);
    const storage = new storages.SessionStorage();
    const log: string[] = [];
    const kept = await gates.start(server.url, {
      storage,
      log: (line) => log.push(line),
      onConnected: () => {},
      onDisconnected: () => {},
    });
    const module = await hello.start(server.url);
    const open = () => clients.open(`mqtt://127.0.0.1:${kept.gate.tcpPort}`);
    const first = await open();
    await ask(first, 'HelloWorld/HD_login/1', '{"name": "neo"}');
    expect(storage.roomOf('neo')).toBe('mqant');
    await first.endAsync(true);
    await until(async () => (await kept.gate.api.find('neo')).length === 0);
    const again = await open();
    await ask(again, 'HelloWorld/HD_login/2', '{"name": "neo"}');
    const [row] = await kept.gate.api.find('neo');
    expect(row?.session.settings).toMatchObject({roomName: 'mqant'});
    await expect(open().then(() => storage.delete('neo'))).resolves.toBe(true);
    expect(await storage.query('neo')).toBeUndefined();
    await module.close();
    await kept.close();
  });

  test('a session is edited in its bytes', async () => {
    const {document} = await importProgram<{document: SessionDocument}>(page, 'edit.ts');
    expect(document).toMatchObject({userId: 'u42', settings: {roomName: 'arena'}});
  });
});

test('modules call each other, by type and by node, and pass a session on', async () => {
  await using server = await startBus();
  const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
  const registry = new NatsDiscovery({bus});
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const bag = await startModule({
    type: 'Bag',
    id: 'b1',
    bus,
    registry,
    handlers: {},
    functions: {
      Count: ([uid, limit]) => `${String(uid)} has ${String(limit)}`,
      Fail: () => {
        throw new Error('the bag is torn');
      },
      Slow: () => held,
    },
    limits: {concurrent: 1, waiting: 1},
  });
  const caller = await startModule({type: 'Caller', bus, registry, handlers: {}});
  expect(await caller.call('Bag', 'Count', 'neo', 7)).toBe('neo has 7');
  expect(await caller.call('Bag@b1', 'Count', 'neo', 8)).toBe('neo has 8');
  await expect(caller.call('Bag', 'Fail')).rejects.toThrow('the bag is torn');
  await expect(caller.call('Bag', 'None')).rejects.toThrow('Remote function(None) not found');
  await expect(caller.call('Nobody', 'Count')).rejects.toThrow('Service(type:Nobody) not found');
  const calls = Array.from({length: 3}, () => caller.call('Bag', 'Slow'));
  await expect(Promise.race(calls)).rejects.toThrow(); // the one too many; the others are under way until
  release();
  const many = await Promise.allSettled(calls);
  expect(many.map(({status}) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  await bag.close();
  await caller.close();
  await registry.close();
  await bus.close();
});
