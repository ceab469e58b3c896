import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {PermissionError, UnreachableError, UsageError} from '../../../src/base/errors.js';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import type {RegistryAccess} from '../../../src/registry/http/registry-access.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {type Authority, makeAuthority} from '../../support/authority.js';
import {startBlackHole} from '../../support/black-hole.js';
import {startEtcd} from '../../support/etcd.js';
import {aNode} from '../../support/fake-registry.js';
import {startBus} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, freePort, type TestServer, testWith} from '../../support/servers.js';
import {TcpProxy} from '../../support/tcp-proxy.js';
import {temporaryFolder} from '../../support/temp.js';

const idsOf = (nodes: readonly ClusterNode[]): string[] => nodes.map(({id}) => id);
const open = (server: TestServer, access?: RegistryAccess) =>
  EtcdRegistry.fromUrl(server.url.replace('http', 'etcd'), {access});

/** What a watch has told so far. */
function watched(registry: EtcdRegistry) {
  const stop = new AbortController();
  const seen: string[][] = [];
  const watching = (async () => {
    for await (const nodes of registry.watch('Gate', stop.signal)) seen.push(idsOf(nodes));
  })();
  watching.catch(() => {});
  return {
    sees: (ids: string[]) =>
      until(() => JSON.stringify(seen.at(-1)) === JSON.stringify(ids), {
        what: `${ids} in the watch`,
      }),
    end: async () => {
      stop.abort();
      await watching;
    },
  };
}

describeWith('etcd')('etcd with users', () => {
  let etcd: TestServer;
  const root = {user: 'root', password: 'p:w/1@%'};
  const post = async (path: string, body: object, token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : {authorization: token};
    const response = await fetch(`${etcd.url}/v3/auth/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status, path).toBe(200);
    return (await response.json()) as {readonly token?: string};
  };
  beforeAll(async () => {
    etcd = await startEtcd({flags: ['--auth-token', 'simple', '--auth-token-ttl', '5']});
    await post('user/add', {name: root.user, password: root.password});
    await post('role/add', {name: 'root'});
    await post('user/grant', {user: 'root', role: 'root'});
    await post('user/add', {name: 'nobody', password: 'x'});
    await post('enable', {});
  });
  afterAll(async () => await etcd?.[Symbol.asyncDispose]());

  test('accepts user and password from outside the URL', async () => {
    const registry = open(etcd, root);
    await registry.register(aNode('Gate@a'));
    expect(idsOf(await open(etcd, root).nodes('Gate'))).toEqual(['Gate@a']);
    await registry.close();
    expect(registry.name).not.toContain('p:w');
  });

  test.each([
    ['a wrong password', {user: 'root', password: 'canary'}, 'refused the user "root"'],
    ['a user that is not there', {user: 'who', password: 'canary'}, 'refused the user "who"'],
    ['a user without rights', {user: 'nobody', password: 'x'}, 'permission denied'],
    ['no user', {}, 'user name is empty'],
  ])('C01: rejects %s without showing secrets', async (_name, access, words) => {
    const refused = open(etcd, access).nodes('Gate');
    await expect(refused).rejects.toBeInstanceOf(PermissionError);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.not.toThrow('canary');
    const watch = open(etcd, access).watch('Gate', new AbortController().signal);
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(PermissionError);
  });

  test('C01: ends a watch when etcd comes back and rejects the user', async () => {
    await using proxy = await TcpProxy.start(() => Number(new URL(etcd.url).port));
    proxy.set('cut');
    const registry = EtcdRegistry.fromUrl(`etcd://127.0.0.1:${proxy.port}`, {
      access: {user: 'nobody', password: 'x'},
    });
    const first = registry.watch('Gate', new AbortController().signal)[Symbol.asyncIterator]().next();
    const ended = expect(first).rejects.toBeInstanceOf(PermissionError);
    await until(() => proxy.refused > 1);
    proxy.set('clear');
    await ended;
  });

  test('renews an expired token, and one invalidated by a change of users', {timeout: 60_000}, async () => {
    const registry = open(etcd, root);
    expect(await registry.nodes('Gate')).toEqual([]);
    const {token} = await post('authenticate', {name: root.user, password: root.password});
    await post('user/add', {name: 'another', password: 'y'}, token); // makes every older token old
    expect(await registry.nodes('Gate')).toEqual([]);
    const ended = async () => {
      const headers = {authorization: token ?? ''};
      const body = JSON.stringify({key: 'AA=='});
      return (await fetch(`${etcd.url}/v3/kv/range`, {method: 'POST', headers, body})).status === 401;
    };
    await until(ended, {what: 'the life of a token to end', timeoutMs: 40_000, everyMs: 7000}); // each use prolongs it
    expect(await registry.nodes('Gate')).toEqual([]);
  });

  test('C07: reads the password from a file or the environment, never from the command line', async () => {
    await using bus = await startBus();
    await using folder = await temporaryFolder();
    const registry = open(etcd, root);
    await registry.register(aNode('Gate@a'));
    const file = path.join(folder.path, 'password');
    await writeFile(file, `${root.password}\n`);
    const url = etcd.url.replace('http', 'etcd');
    const list = (argv: readonly string[], env = {}) =>
      spawnGatectl(['gates', 'list', '-o', 'ids', '--server', bus.url, ...argv], {env});
    const named = ['--registry', url, '--registry-user', 'root'];
    const listed = {code: 8, out: 'Gate@a\n'}; // etcd names the gate, and nobody answers in its place
    expect(await list([...named, '--registry-password-file', file])).toMatchObject(listed);
    expect(await list(named, {GATECTL_REGISTRY_PASSWORD: root.password})).toMatchObject(listed);
    const inUrl = {GATECTL_REGISTRY: url.replace('://', `://root:${encodeURIComponent(root.password)}@`)};
    expect(await list([], inUrl)).toMatchObject(listed);
    const wrong = await list(named, {GATECTL_REGISTRY_PASSWORD: 'canary'});
    expect(wrong).toMatchObject({code: 4, err: expect.stringContaining('refused the user "root"')});
    const onArgv = await list(['--registry', url.replace('://', '://root:canary@')]);
    expect(onArgv).toMatchObject({
      code: 2,
      err: expect.stringContaining('not accepted on the command line'),
    });
    expect(wrong.err + onArgv.err).not.toContain('canary');
    await registry.close();
  });

  test('continues a watch through a restart with users', async () => {
    const watch = watched(open(etcd, root));
    await watch.sees([]);
    const registry = open(etcd, root);
    await registry.register(aNode('Gate@a'));
    await watch.sees(['Gate@a']);
    await etcd.restart();
    await until(() => registry.nodes('Gate'), {what: 'etcd to be back', timeoutMs: 30_000});
    await registry.register(aNode('Gate@b'));
    await watch.sees(['Gate@a', 'Gate@b']);
    await watch.end();
    await registry.close();
  });
});

testWith('etcd')('reports a superfluous user for an etcd without authentication', async () => {
  await using etcd = await startEtcd();
  await expect(open(etcd, {user: 'root', password: 'x'}).nodes('Gate')).rejects.toBeInstanceOf(UsageError);
});

describeWith('etcd', 'openssl')('etcd over TLS', () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await makeAuthority();
  });
  afterAll(async () => await authority?.[Symbol.asyncDispose]());

  test('connects with its authority; explains failures without it and over plain HTTP', async () => {
    await using etcd = await startEtcd({tls: authority.server});
    const registry = open(etcd, {tls: {ca: authority.ca}});
    await registry.register(aNode('Gate@a'));
    expect(idsOf(await registry.nodes('Gate'))).toEqual(['Gate@a']);
    const watch = watched(registry);
    await watch.sees(['Gate@a']);
    await registry.register(aNode('Gate@b'));
    await watch.sees(['Gate@a', 'Gate@b']);
    await watch.end();
    await registry.close();
    await expect(open(etcd).nodes('Gate')).rejects.toThrow(/certificate|CERT|signed/i);
    const plain = EtcdRegistry.fromUrl(etcd.url.replace('https', 'etcd'));
    await expect(plain.nodes('Gate')).rejects.toBeInstanceOf(UnreachableError);
  });

  test('presents a client certificate on demand', async () => {
    await using etcd = await startEtcd({tls: {...authority.server, clientCa: authority.ca}});
    const {ca, client} = authority;
    expect(await open(etcd, {tls: {ca, ...client}}).nodes('Gate')).toEqual([]);
    await expect(open(etcd, {tls: {ca}}).nodes('Gate')).rejects.toBeInstanceOf(UnreachableError);
    const half = open(etcd, {tls: {ca, cert: client.cert}});
    await expect(half.nodes('Gate')).rejects.toThrow('requires its key');
    const missing = open(etcd, {tls: {ca: '/nonexistent/ca'}});
    await expect(missing.nodes('Gate')).rejects.toThrow('TLS file "/nonexistent/ca"');
  });
});

describeWith('etcd')('several endpoints of etcd', () => {
  /** Each has a share of the time in which a busy machine answers, so that the next is asked for the right reason. */
  const over = (hosts: readonly string[], timeoutMs: number) =>
    new EtcdRegistry({endpoints: hosts.map((host) => `http://${host}`), timeoutMs});

  test('skips one that is down and one that never replies, within the total timeout', async () => {
    await using etcd = await startEtcd();
    await using hole = await startBlackHole();
    const dead = `127.0.0.1:${await freePort()}`;
    const hosts = [dead, `127.0.0.1:${hole.port}`, `127.0.0.1:${etcd.port}`];
    const registry = over(hosts, 7500);
    expect(await registry.nodes('Gate')).toEqual([]);
    expect(hole.asked).toBe(1);
    expect(await registry.nodes('Gate')).toEqual([]);
    expect(hole.asked).toBe(1); // the one that answered last is asked first
  });

  test('fails over lookups and a watch to the next endpoint', async () => {
    await using first = await startEtcd();
    await using second = await startEtcd();
    const registry = over([`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`], 10_000);
    await open(first).register(aNode('Gate@first'));
    await open(second).register(aNode('Gate@second'));
    const watch = watched(registry);
    await watch.sees(['Gate@first']);
    await first.stop();
    expect(idsOf(await registry.nodes('Gate'))).toEqual(['Gate@second']);
    await open(second).register(aNode('Gate@third'));
    await watch.sees(['Gate@second', 'Gate@third']);
    await watch.end();
  });
});
