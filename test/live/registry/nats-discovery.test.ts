import {afterEach, describe, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {aNode} from '../../support/fake-registry.js';
import {namedBy} from '../../support/named-by.js';
import {startBus, startEmbedded} from '../../support/nats.js';
import {until} from '../../support/poll.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part[Symbol.asyncDispose]();
});

const idsOf = (nodes: readonly ClusterNode[]): string[] => nodes.map(({id}) => id);

describe.each([
  ['NATS', startBus],
  ['the embedded bus', startEmbedded],
] as const)('discovery over %s', (_name, start) => {
  async function connectedTo(url: string): Promise<{bus: Bus; discovery: NatsDiscovery}> {
    const bus = await connectBus({server: url, timeoutMs: 5000, reconnect: true});
    const discovery = new NatsDiscovery({bus, beatMs: 200});
    open.push({[Symbol.asyncDispose]: () => bus.close()}, {[Symbol.asyncDispose]: () => discovery.close()});
    return {bus, discovery};
  }

  /** From then on a lookup misses neither, should one be slow to answer. */
  async function acquainted(bus: Bus, one: string, other: string): Promise<void> {
    for (const [id, name] of [
      [one, other],
      [other, one],
    ] as const)
      await until(async () => (await namedBy(bus, id)).includes(name), {what: `${id} to name ${name}`});
  }

  async function server() {
    const started = await start();
    open.push(started);
    return started;
  }

  test('finds no nodes at once when there are none', async () => {
    const {discovery} = await connectedTo((await server()).url);
    const started = performance.now();
    expect(await discovery.nodes('Gate', {timeoutMs: 30_000})).toEqual([]);
    expect(performance.now() - started).toBeLessThan(15_000); // half of its timeout
  });

  test('finds each registered node by type until it leaves', async () => {
    const {url} = await server();
    const [a, b, asker] = [await connectedTo(url), await connectedTo(url), await connectedTo(url)];
    const node = aNode('Gate@a', {version: '1.2.3', metadata: {hostname: 'vm'}});
    const leaving = await a.discovery.register(node);
    await b.discovery.register(aNode('HelloWorld@h'));
    await acquainted(asker.bus, 'Gate@a', 'HelloWorld@h');
    expect(await asker.discovery.nodes('Gate')).toMatchObject([
      {...node, source: 'nats', metadata: {hostname: 'vm'}},
    ]);
    expect(idsOf(await asker.discovery.nodes(undefined))).toEqual(['Gate@a', 'HelloWorld@h']);
    await leaving.close();
    expect(await asker.discovery.nodes('Gate')).toEqual([]);
  });

  test('still expects a node that vanished, because its peers list it', async () => {
    const {url} = await server();
    const [a, b, asker] = [await connectedTo(url), await connectedTo(url), await connectedTo(url)];
    await a.discovery.register(aNode('Gate@a'));
    await b.discovery.register(aNode('Gate@b'));
    await until(async () => (await namedBy(asker.bus, 'Gate@a')).includes('Gate@b'), {
      what: 'a to have heard of b',
    });
    await b.bus.close(); // as when the process is killed: no goodbye
    expect(idsOf(await asker.discovery.nodes('Gate'))).toEqual(['Gate@a', 'Gate@b']);
  });

  test('answers the NATS services protocol', async () => {
    const {url} = await server();
    const [a, asker] = [await connectedTo(url), await connectedTo(url)];
    const stats = () => [{name: 'Update', subject: 'mqant.gate.Gate.a.Update', calls: 7, errors: 2}];
    await a.discovery.register(aNode('Gate@a', {version: '1.2.3'}), stats);
    const ask = (subject: string) =>
      new Promise<Record<string, unknown>>((resolve) => {
        const inbox = asker.bus.newInbox();
        asker.bus.subscribe(inbox, ({data}) => resolve(JSON.parse(Buffer.from(data).toString())));
        asker.bus.publish(subject, new Uint8Array(0), inbox);
      });
    const identity = {name: 'mqant-Gate', id: 'a', version: '1.2.3'};
    expect(await ask('$SRV.PING')).toMatchObject({...identity, type: 'io.nats.micro.v1.ping_response'});
    expect(await ask('$SRV.PING.mqant-Gate')).toMatchObject(identity);
    expect(await ask('$SRV.INFO.mqant-Gate.a')).toMatchObject({
      ...identity,
      type: 'io.nats.micro.v1.info_response',
      endpoints: [{name: 'Update', subject: 'mqant.gate.Gate.a.Update'}],
    });
    expect(await ask('$SRV.STATS')).toMatchObject({
      ...identity,
      type: 'io.nats.micro.v1.stats_response',
      endpoints: [{name: 'Update', num_requests: 7, num_errors: 2}],
    });
  });

  test('ignores invalid and contradictory nodes', async () => {
    const {url} = await server();
    const [liar, a, asker] = [await connectedTo(url), await connectedTo(url), await connectedTo(url)];
    const lies = [
      '{{{',
      '{"name":"other","id":"x","version":"1.0.0"}',
      JSON.stringify({
        metadata: {node: JSON.stringify({id: 'Gate@evil', address: '>', version: '1', metadata: {}})},
      }),
      JSON.stringify({metadata: {node: 7, peers: '[[[]'}}),
    ];
    liar.bus.subscribe('$SRV.INFO', ({reply}) => {
      for (const lie of lies) if (reply !== undefined) liar.bus.publish(reply, Buffer.from(lie));
    });
    await liar.bus.flush();
    await a.discovery.register(aNode('Gate@a'));
    expect(idsOf(await asker.discovery.nodes(undefined))).toEqual(['Gate@a']);
  });

  test('notifies a watcher of joins and leaves', async () => {
    const {url} = await server();
    const [a, b, watcher] = [await connectedTo(url), await connectedTo(url), await connectedTo(url)];
    const stop = new AbortController();
    const seen: string[][] = [];
    const watching = (async () => {
      for await (const nodes of watcher.discovery.watch('Gate', stop.signal)) seen.push(idsOf(nodes));
    })();
    const sees = (ids: string[]) =>
      until(() => JSON.stringify(seen.at(-1)) === JSON.stringify(ids), {what: `${ids} in the watch`});
    await sees([]);
    const first = await a.discovery.register(aNode('Gate@a'));
    await sees(['Gate@a']);
    await b.discovery.register(aNode('Gate@b'));
    await sees(['Gate@a', 'Gate@b']);
    await first.close();
    await sees(['Gate@b']);
    stop.abort();
    await watching;
  });
});
