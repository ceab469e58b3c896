import {expect, test} from 'vitest';
import {PermissionError, UnreachableError} from '../../../src/base/errors.js';
import {EtcdClient} from '../../../src/registry/http/etcd-client.js';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {startEtcd} from '../../support/etcd.js';
import {aNode} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';
import {describeWith, freePort} from '../../support/servers.js';

const gatewayOf = (url: string, rest: object = {}): EtcdClient =>
  new EtcdClient({endpoints: [url], timeoutMs: 3000, ...rest});
const urlOf = (url: string): string => url.replace('http:', 'etcd:');
const idsOf = (nodes: readonly ClusterNode[]): string[] => nodes.map(({id}) => id);

/** What a Go node of mqant v1.5.3 writes, as it was captured. */
const goValue = (id: string): string =>
  `{"name":"Gate","version":"1.0.0","metadata":null,"endpoints":null,"nodes":[{"id":"${id}","address":"_INBOX.pKkhh6anp5MkUByK25JECs","port":0,"metadata":{"hostname":"vm","pid":"16338","registry":"etcdv3","server":"rpc"}}]}`;

describeWith('etcd')('the etcd registry with a real etcd', () => {
  test('finds a registered node unchanged until it closes', async () => {
    await using etcd = await startEtcd();
    const [ours, theirs] = [EtcdRegistry.fromUrl(urlOf(etcd.url)), EtcdRegistry.fromUrl(urlOf(etcd.url))];
    expect(await theirs.nodes('Gate')).toEqual([]);
    const node = aNode('Gate@a', {metadata: {hostname: 'vm'}});
    const registration = await ours.register(node);
    await ours.register(aNode('HelloWorld@h', {subjectPerFunction: false}));
    const [found, ...others] = await theirs.nodes('Gate');
    expect(others).toEqual([]);
    expect(found).toMatchObject({...node, source: 'etcd', metadata: {hostname: 'vm', server: 'rpc'}});
    expect(idsOf(await theirs.nodes(undefined))).toEqual(['Gate@a', 'HelloWorld@h']);
    await registration.close();
    expect(await theirs.nodes('Gate')).toEqual([]);
  });

  test('replaces the metadata of a node, after an outage with the next renewal', async () => {
    await using etcd = await startEtcd();
    const registry = EtcdRegistry.fromUrl(urlOf(etcd.url), {ttlSeconds: 4});
    const metadataOf = async () => (await registry.nodes('Gate'))[0]?.metadata;
    const registration = await registry.register(aNode('Gate@a', {metadata: {state: 'alive'}}));
    await registration.update({state: 'forbidden', weight: '0'});
    expect(await metadataOf()).toMatchObject({state: 'forbidden', weight: '0', server: 'rpc'});
    await etcd.stop();
    await registration.update({state: 'alive'});
    await etcd.restart();
    await until(async () => (await metadataOf())?.['state'] === 'alive', {what: 'the renewal to write it'});
    await registry.close();
  });

  test('reads the record of a Go node, and ignores and counts garbage', async () => {
    await using etcd = await startEtcd();
    const gateway = gatewayOf(etcd.url);
    const lease = await gateway.grant(60);
    const put = (key: string, value: string) => gateway.put(`/mqant-registry/Gate/${key}`, value, lease);
    await put('Gate@go', goValue('Gate@go'));
    await put('no-json', '{{{');
    await put('no-nodes', '{"name":"Gate","nodes":7}');
    await put('bad-address', goValue('Gate@bad').replace('_INBOX.pKkhh6anp5MkUByK25JECs', '_INBOX.>'));
    await put('no-id', goValue(''));
    const registry = EtcdRegistry.fromUrl(urlOf(etcd.url));
    const nodes = await registry.nodes('Gate');
    expect(nodes).toMatchObject([
      {id: 'Gate@go', address: '_INBOX.pKkhh6anp5MkUByK25JECs', version: '1.0.0', subjectPerFunction: false},
    ]);
    expect(registry.skipped).toBe(4);
  });

  test('removes a node whose process died with its lease', async () => {
    await using etcd = await startEtcd();
    const gateway = gatewayOf(etcd.url);
    await gateway.put('/mqant-registry/Gate/Gate@dead', goValue('Gate@dead'), await gateway.grant(5));
    const registry = EtcdRegistry.fromUrl(urlOf(etcd.url));
    expect(idsOf(await registry.nodes('Gate'))).toEqual(['Gate@dead']);
    await until(async () => (await registry.nodes('Gate')).length === 0, {
      what: 'the lease to end',
    });
  });

  test('re-registers a live node whose lease etcd has lost', async () => {
    await using etcd = await startEtcd();
    const registry = EtcdRegistry.fromUrl(urlOf(etcd.url), {ttlSeconds: 6});
    await registry.register(aNode('Gate@a'));
    const response = await fetch(`${etcd.url}/v3/lease/leases`, {method: 'POST', body: '{}'});
    const {leases} = (await response.json()) as {readonly leases: readonly {readonly ID: string}[]};
    for (const {ID} of leases) await gatewayOf(etcd.url).revoke(ID);
    expect(await registry.nodes('Gate')).toEqual([]);
    await until(async () => (await registry.nodes('Gate')).length === 1, {what: 'the node to be back'});
    await registry.close();
    expect(await registry.nodes('Gate')).toEqual([]);
  });

  test('notifies a watcher of joins and leaves, also after a restart of etcd', async () => {
    await using etcd = await startEtcd();
    const registry = EtcdRegistry.fromUrl(urlOf(etcd.url));
    const stop = new AbortController();
    const seen: string[][] = [];
    const watching = (async () => {
      for await (const nodes of registry.watch('Gate', stop.signal)) seen.push(idsOf(nodes));
    })();
    const sees = (ids: string[]) =>
      until(() => JSON.stringify(seen.at(-1)) === JSON.stringify(ids), {
        what: `${ids} in the watch`,
      });
    await sees([]);
    const first = await registry.register(aNode('Gate@a'));
    await sees(['Gate@a']);
    await etcd.restart();
    await until(() => registry.nodes('Gate'), {what: 'etcd to be back'});
    await registry.register(aNode('Gate@b'));
    await sees(['Gate@a', 'Gate@b']);
    await first.close();
    await sees(['Gate@b']);
    stop.abort();
    await watching;
    await registry.close();
  });

  test('with authentication accepts the right user and rejects another', async () => {
    await using etcd = await startEtcd();
    const post = async (path: string, body: object) => {
      const response = await fetch(`${etcd.url}/v3/auth/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      expect(response.status, path).toBe(200);
    };
    await post('user/add', {name: 'root', password: 'p:w/1'});
    await post('role/add', {name: 'root'});
    await post('user/grant', {user: 'root', role: 'root'});
    await post('enable', {});
    const withUser = (userinfo: string) =>
      EtcdRegistry.fromUrl(urlOf(etcd.url).replace('://', `://${userinfo}@`));
    const registry = withUser('root:p%3Aw%2F1');
    await registry.register(aNode('Gate@a'));
    expect(idsOf(await registry.nodes('Gate'))).toEqual(['Gate@a']);
    await registry.close();
    await expect(withUser('root:wrong').nodes('Gate')).rejects.toBeInstanceOf(PermissionError);
    await expect(EtcdRegistry.fromUrl(urlOf(etcd.url)).nodes('Gate')).rejects.toBeInstanceOf(PermissionError);
  });

  test('uses the second endpoint when the first is down, and reports when all are', async () => {
    await using etcd = await startEtcd();
    const dead = `127.0.0.1:${await freePort()}`;
    const both = EtcdRegistry.fromUrl(`etcd://${dead},127.0.0.1:${etcd.port}`);
    expect(await both.nodes('Gate')).toEqual([]);
    const none = EtcdRegistry.fromUrl(`etcd://${dead}`);
    await expect(none.nodes('Gate')).rejects.toBeInstanceOf(UnreachableError);
    await expect(none.nodes('Gate')).rejects.toThrow('connection refused');
  });
});
