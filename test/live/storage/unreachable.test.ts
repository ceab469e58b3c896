import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {UnreachableError} from '../../../src/base/errors.js';
import {openRegistry} from '../../../src/registry/open-registry.js';
import {openStore} from '../../../src/storage/open-store.js';
import {FakeBus} from '../../support/fake-bus.js';
import {startNats} from '../../support/nats.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, freePort} from '../../support/servers.js';

describe('a store or registry without a server names the servers, the reason and the next step', () => {
  let [first, second] = [0, 0];
  beforeAll(async () => {
    [first, second] = [await freePort(), await freePort()];
  });

  const failureOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  test.each(['redis+cluster://HOSTS', 'redis+sentinel://HOSTS/mymaster', 'redis+cluster://u:canary@HOSTS'])(
    '%s',
    async (url) => {
      const hosts = `127.0.0.1:${first},127.0.0.1:${second}`;
      const store = await openStore(url.replace('HOSTS', hosts));
      const error = await failureOf(store.get('u1'));
      await store.close();
      expect(error).toBeInstanceOf(UnreachableError);
      expect(error).toMatchObject({
        message: expect.stringContaining(
          `no server answers: 127.0.0.1:${first} connection refused, 127.0.0.1:${second} connection refused`,
        ),
        hint: `check the store's URL, and the server: redis-cli -h 127.0.0.1 -p ${first} ping`,
      });
      expect(JSON.stringify(error)).not.toContain('canary');
    },
  );

  test('mongodb://', async () => {
    const url = `mongodb://u:canary@127.0.0.1:${first},127.0.0.1:${second}/game`;
    const error = await failureOf(openStore(url, {create: false, timeoutMs: 300}));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({
      message: expect.stringContaining(
        `127.0.0.1:${first} connection refused, 127.0.0.1:${second} connection refused`,
      ),
      hint: `check the store's URL, and the server: mongosh mongodb://127.0.0.1:${first},127.0.0.1:${second}/game`,
    });
  });

  test.each([
    ['etcd', '/health'],
    ['consul', '/v1/status/leader'],
  ])('%s://', async (kind, path) => {
    const registry = openRegistry(`${kind}://127.0.0.1:${first},127.0.0.1:${second}`, {bus: new FakeBus()});
    const error = await failureOf(registry.nodes('Gate'));
    await registry.close();
    expect(error).toMatchObject({
      message: `cannot reach ${kind} http://127.0.0.1:${first}, http://127.0.0.1:${second}: connection refused`,
      hint: `check --registry, and the server: curl http://127.0.0.1:${first}${path}`,
    });
  });
});

describeWith('nats-server')('a JetStream store on a server without JetStream', () => {
  let nats: Awaited<ReturnType<typeof startNats>>;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats[Symbol.asyncDispose]());

  test('says how to start the server', async () => {
    const words = ['records', 'list', '--store', 'jetstream://sessions', '--server', nats.url];
    const {code, err} = await spawnGatectl(words);
    expect({code, err}).toMatchObject({
      code: 8,
      err: expect.stringContaining('hint: start the server with JetStream: nats-server --jetstream'),
    });
  });
});
