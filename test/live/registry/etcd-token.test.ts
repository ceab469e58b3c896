import {once} from 'node:events';
import {createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect, test} from 'vitest';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import {type EtcdWithUsers, startEtcdWithUsers} from '../../support/etcd-users.js';
import {aNode} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';
import {describeWith} from '../../support/servers.js';

interface Cutter extends AsyncDisposable {
  readonly port: number;
  signIns: number;
  /** Requests that were cut. */
  cuts: number;
  /** Cuts every connection that brings a token of before, instead of saying that the token is not good. */
  makeStale(): void;
  /** Cuts the streams that are open. */
  cutStreams(): void;
}

/** An HTTP proxy before a real etcd. */
async function startCutter(etcd: EtcdWithUsers): Promise<Cutter> {
  const seen = new Set<string>();
  let stale = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const {authorization: token, ...headers} = incoming.headers;
    if (incoming.url?.endsWith('/authenticate')) cutter.signIns += 1;
    if (token !== undefined && stale.has(token)) {
      cutter.cuts += 1;
      incoming.socket.destroy();
      return;
    }
    if (token !== undefined) seen.add(token);
    const onward = {...headers, ...(token === undefined ? {} : {authorization: token})};
    const forwarded = request(`${etcd.url}${incoming.url}`, {method: 'POST', headers: onward}, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutter: Cutter = {
    port: (server.address() as AddressInfo).port,
    signIns: 0,
    cuts: 0,
    makeStale: () => {
      stale = new Set(seen);
    },
    cutStreams: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return cutter;
}

const idsOf = async (registry: EtcdRegistry): Promise<readonly string[]> =>
  (await registry.nodes('Gate')).map(({id}) => id);

describeWith('etcd')('B3: a server that closes connections with an unknown token', () => {
  test('signs in again for lookups, a watch and a registration', async () => {
    await using etcd = await startEtcdWithUsers('pw');
    await using cutter = await startCutter(etcd);
    const access = {user: 'root', password: 'pw'};
    const open = () => EtcdRegistry.fromUrl(`etcd://127.0.0.1:${cutter.port}`, {access, ttlSeconds: 2});
    const [reader, node] = [open(), open()];
    const seen: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const nodes of reader.watch('Gate', stop.signal)) seen.push(nodes.map(({id}) => id).join());
    })();
    await node.register(aNode('Gate@a'));
    await until(() => seen.at(-1) === 'Gate@a', {what: 'the first news'});
    for (const next of ['Gate@b', 'Gate@c']) {
      const {cuts, signIns} = cutter;
      cutter.makeStale();
      expect(await idsOf(reader)).toContain('Gate@a');
      expect(cutter.cuts).toBeGreaterThan(cuts);
      expect(cutter.signIns).toBeGreaterThan(signIns);
      cutter.cutStreams();
      await open().register(aNode(next));
      await until(() => seen.at(-1)?.includes(next), {what: `${next} in the watch`});
      await until(async () => (await idsOf(reader)).includes('Gate@a'), {what: 'the lease to be renewed'});
    }
    stop.abort();
    await watching;
    await node.close();
  });
});

describeWith('etcd')('B1: a changed password of etcd', () => {
  test('is reread; watch and registration report one refusal and recover', async () => {
    await using etcd = await startEtcdWithUsers('before');
    let password = 'before';
    const lines: string[] = [];
    const registry = EtcdRegistry.fromUrl(etcd.url.replace('http', 'etcd'), {
      access: {user: 'root', password: () => password},
      ttlSeconds: 2,
      notice: (line) => void lines.push(line),
    });
    const seen: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const nodes of registry.watch('Gate', stop.signal))
        seen.push(nodes.map(({id}) => id).join());
    })();
    await registry.register(aNode('Gate@a'));
    await until(() => seen.at(-1) === 'Gate@a', {what: 'the first news'});
    await etcd.changePassword('before', 'after');
    await etcd.restart(); // and with it the tokens are gone
    await until(() => lines.some((line) => line.endsWith('refused the user "root": trying again')), {
      what: 'the refusal',
    });
    password = 'after';
    const renewed = performance.now();
    await until(async () => (await idsOf(registry)).includes('Gate@a'), {what: 'the registration'});
    await until(() => lines.at(-1)?.endsWith('answers again'), {what: 'the end of the outage'});
    expect(performance.now() - renewed).toBeLessThan(5000);
    expect(new Set(lines).size).toBe(lines.length); // each once
    stop.abort();
    await watching;
    await registry.close();
  });
});

describeWith('etcd')('B2: endpoints of etcd with different passwords', () => {
  test('are each signed in to with their own, also after failover', async () => {
    const one = await startEtcdWithUsers('one');
    await using two = await startEtcdWithUsers('two');
    const [first, second] = [one, two].map(({url}) => new URL(url).host);
    const registry = EtcdRegistry.fromUrl(`etcd://root:one@${first},root:two@${second}`);
    await EtcdRegistry.fromUrl(`etcd://root:two@${second}`).register(aNode('Gate@two'));
    expect(await idsOf(registry)).toEqual([]);
    await one[Symbol.asyncDispose]();
    expect(await idsOf(registry)).toEqual(['Gate@two']);
    const wrongFirst = EtcdRegistry.fromUrl(
      `etcd://root:wrong@${second},root:two@localhost:${new URL(two.url).port}`,
    );
    expect(await idsOf(wrongFirst)).toEqual(['Gate@two']);
  });
});
