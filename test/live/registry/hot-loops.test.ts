import {once} from 'node:events';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {ConsulRegistry} from '../../../src/registry/http/consul-registry.js';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import type {Registry} from '../../../src/registry/registry.js';
import {until} from '../../support/poll.js';

interface Liar extends AsyncDisposable {
  readonly port: number;
  requests: number;
}

async function startLiar(
  answer: (response: ServerResponse, path: string, count: number) => void,
): Promise<Liar> {
  const server = createServer((incoming, response) => {
    liar.requests += 1;
    incoming.resume();
    answer(response, incoming.url ?? '', liar.requests);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const liar: Liar = {
    port: (server.address() as AddressInfo).port,
    requests: 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return liar;
}

/** What a watch tells within the time, by the ids of the nodes. */
async function watchFor(registry: Registry, ms: number): Promise<string[]> {
  const seen: string[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const nodes of registry.watch('Gate', stop.signal)) seen.push(nodes.map(({id}) => id).join());
  })();
  await wait(ms);
  stop.abort();
  await watching;
  return seen;
}

/** Asked again at 0, 0.1, 0.3, 0.7 s and so on, with some jitter; hundreds before there was a floor. */
const measuredMs = 1200;
const mostRequests = 8;

const consulEntry = (id: string): string =>
  JSON.stringify([{Service: {ID: id, Address: 'mqant.gate.Gate.a', Tags: []}, Checks: []}]);

test.each([
  ['index 0', () => '0'],
  ['no index', () => undefined],
  ['an index that is no number', () => 'abc'],
  ['an ever newer index', (count: number) => String(count)],
  ['an index that goes back', (count: number) => String(1000 - count)],
  ['an index that goes to and fro', (count: number) => String(10 + (count % 2))],
])('B5: paces and accepts a consul that answers at once with %s', async (_name, indexOf) => {
  await using liar = await startLiar((response, _path, count) => {
    const index = indexOf(count);
    if (index !== undefined) response.setHeader('X-Consul-Index', index);
    response.end(count < 3 ? '[]' : consulEntry('Gate@a'));
  });
  const registry = ConsulRegistry.fromUrl(`consul://127.0.0.1:${liar.port}`);
  const seen = await watchFor(registry, measuredMs);
  expect(liar.requests).toBeLessThanOrEqual(mostRequests);
  expect(seen).toEqual(['', 'Gate@a']);
});

test('B5: starts over when the index of consul goes back', async () => {
  const asked: string[] = [];
  await using liar = await startLiar((response, path, count) => {
    asked.push(new URL(path, 'http://x').searchParams.get('index') ?? 'none');
    response.setHeader('X-Consul-Index', count === 1 ? '500' : '7');
    if (count > 3) return; // held, as consul does
    response.end('[]');
  });
  const registry = ConsulRegistry.fromUrl(`consul://127.0.0.1:${liar.port}`);
  const stop = new AbortController();
  const watching = (async () => {
    for await (const _ of registry.watch('Gate', stop.signal));
  })();
  await until(() => asked.length === 4, {what: 'four questions'});
  expect(asked).toEqual(['none', '500', 'none', '7']);
  stop.abort();
  await watching;
});

test.each([
  ['ends every watch at once', (response: ServerResponse) => response.end('{"result":{"canceled":true}}\n')],
  [
    'streams events without a pause',
    (response: ServerResponse) => {
      const more = (): void => {
        if (!response.destroyed) response.write('{"result":{"events":[{}]}}\n', () => setImmediate(more));
      };
      more();
    },
  ],
  ['cuts every stream', (response: ServerResponse) => response.destroy()],
])('B5: paces an etcd that %s', async (_name, watch) => {
  await using liar = await startLiar((response, path) => {
    if (path === '/v3/watch') watch(response);
    else response.end('{"header":{"revision":"5"},"kvs":[]}');
  });
  const registry = EtcdRegistry.fromUrl(`etcd://127.0.0.1:${liar.port}`);
  const seen = await watchFor(registry, measuredMs);
  expect(liar.requests).toBeLessThanOrEqual(2 * mostRequests); // a look and a stream each time
  expect(seen.length).toBeGreaterThan(0);
});
