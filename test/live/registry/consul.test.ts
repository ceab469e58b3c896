import {afterAll, beforeAll, expect, test} from 'vitest';
import {UnreachableError, UsageError} from '../../../src/base/errors.js';
import {ConsulRegistry} from '../../../src/registry/http/consul-registry.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {startConsul} from '../../support/consul.js';
import {aNode} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';
import {describeWith, freePort, type TestServer} from '../../support/servers.js';

const idsOf = (nodes: readonly ClusterNode[]): string[] => nodes.map(({id}) => id);

describeWith('consul')('the consul registry with a real consul', () => {
  let consul: TestServer;
  beforeAll(async () => {
    consul = await startConsul();
  });
  afterAll(async () => await consul?.[Symbol.asyncDispose]());

  const open = () => ConsulRegistry.fromUrl(consul.url.replace('http:', 'consul:'));
  const put = async (path: string, body?: object) => {
    const response = await fetch(consul.url + path, {method: 'PUT', body: JSON.stringify(body ?? {})});
    expect(response.status, path).toBe(200);
  };

  test('finds a registered node unchanged until it closes', async () => {
    const [ours, theirs] = [open(), open()];
    const node = aNode('Gate@a', {version: '1.2.3', metadata: {hostname: 'vm'}});
    const registration = await ours.register(node);
    await ours.register(aNode('HelloWorld@h', {subjectPerFunction: false}));
    expect(await theirs.nodes('Gate')).toMatchObject([
      {...node, source: 'consul', metadata: {hostname: 'vm', server: 'rpc', registry: 'consul'}},
    ]);
    expect(idsOf(await theirs.nodes(undefined))).toEqual(['Gate@a', 'HelloWorld@h']);
    await registration.close();
    expect(await theirs.nodes('Gate')).toEqual([]);
    await ours.close();
    expect(await theirs.nodes(undefined)).toEqual([]);
  });

  test('replaces the metadata of a node, which never leaves meanwhile', async () => {
    const [registry, theirs] = [open(), open()];
    const registration = await registry.register(aNode('Gate@a', {metadata: {state: 'alive'}}));
    const stop = new AbortController();
    const seen: ClusterNode[][] = [];
    const watching = (async () => {
      for await (const nodes of theirs.watch('Gate', stop.signal)) seen.push([...nodes]);
    })();
    await until(() => seen.length > 0, {what: 'the first nodes'});
    await registration.update({state: 'forbidden', weight: '0'});
    await until(() => seen.at(-1)?.[0]?.metadata['state'] === 'forbidden', {what: 'the new metadata'});
    expect(seen.map(idsOf)).toEqual(seen.map(() => ['Gate@a']));
    stop.abort();
    await watching;
    await registry.close();
  });

  test('ignores other services, garbage, and nodes with a critical check', async () => {
    const registry = open();
    await put('/v1/agent/service/register', {
      ID: 'web1',
      Name: 'web',
      Tags: ['urlprefix-/'],
      Address: '127.0.0.1',
    });
    await put('/v1/agent/service/register', {
      ID: 'no id',
      Name: 'Gate',
      Tags: ['t-zz', 'v-00'],
      Address: 'a.>',
    });
    await put('/v1/agent/service/register', {
      ID: 'Gate@dead',
      Name: 'Gate',
      Address: '_INBOX.x',
      Check: {TTL: '20s'},
    });
    await registry.register(aNode('Gate@a'));
    expect(idsOf(await registry.nodes('Gate'))).toEqual(['Gate@a']);
    expect(idsOf(await registry.nodes(undefined))).toEqual(['Gate@a']);
    for (const id of ['web1', 'no%20id', 'Gate%40dead']) await put(`/v1/agent/service/deregister/${id}`);
    await registry.close();
  });

  test('re-registers a live node that consul has lost', async () => {
    const registry = new ConsulRegistry({endpoints: [consul.url], renewMs: 100});
    await registry.register(aNode('Gate@a'));
    await put('/v1/agent/service/deregister/Gate%40a');
    await until(async () => (await registry.nodes('Gate')).length === 1, {what: 'the node to be back'});
    await registry.close();
    expect(await registry.nodes('Gate')).toEqual([]);
  });

  test('notifies a watcher of joins and leaves', async () => {
    const registry = open();
    const stop = new AbortController();
    const seen: string[][] = [];
    const watching = (async () => {
      for await (const nodes of registry.watch('Gate', stop.signal)) seen.push(idsOf(nodes));
    })();
    const sees = (ids: string[]) =>
      until(() => JSON.stringify(seen.at(-1)) === JSON.stringify(ids), {what: `${ids} in the watch`});
    await sees([]);
    const first = await registry.register(aNode('Gate@a'));
    await sees(['Gate@a']);
    await registry.register(aNode('Gate@b'));
    await sees(['Gate@a', 'Gate@b']);
    await first.close();
    await sees(['Gate@b']);
    stop.abort();
    await watching;
    await registry.close();
  });

  test('reports an unreachable consul and an invalid URL', async () => {
    const none = ConsulRegistry.fromUrl(`consul://127.0.0.1:${await freePort()}`);
    await expect(none.nodes('Gate')).rejects.toBeInstanceOf(UnreachableError);
    await expect(none.nodes('Gate')).rejects.toThrow('connection refused');
    expect(() => ConsulRegistry.fromUrl('consul://a b')).toThrow(UsageError);
  });
});
