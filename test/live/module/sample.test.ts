import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {buildSync} from 'esbuild';
import {expect, test} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect.js';
import {startGate} from '../../../src/gate/node/start-gate.js';
import {startModule} from '../../../src/module/start-module.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startBus} from '../../support/nats.js';
import {ask, nextMessage} from '../../support/test-gate.js';

interface Sample {
  start(server: string): Promise<{readonly nodeId: string; close(): Promise<void>}>;
}

/** The first program of the page, as a reader would compile it against the package. */
async function sampleOf(page: string): Promise<Sample & Disposable> {
  const [, source = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  const folder = mkdtempSync(path.resolve('node_modules', '.gatectl-sample-'));
  writeFileSync(path.join(folder, 'sample.ts'), source);
  buildSync({
    entryPoints: [path.join(folder, 'sample.ts')],
    outfile: path.join(folder, 'sample.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    alias: {'gatectl/module': path.resolve('src/module/index.ts')},
  });
  const sample = (await import(pathToFileURL(path.join(folder, 'sample.mjs')).href)) as Sample;
  return {...sample, [Symbol.dispose]: () => rmSync(folder, {recursive: true})};
}

test('the HelloWorld of docs/modules.md serves clients', async () => {
  await using server = await startBus();
  await using clients = new MqttClients();
  using sample = await sampleOf('docs/modules.md');
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
