import {Redis} from 'ioredis';
import {expect, test} from 'vitest';
import {openStore} from '../../../src/storage/open-store.js';
import {GateProcess} from '../../support/gate-process.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {startRedis} from '../../support/redis.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith} from '../../support/servers.js';

describeWith('redis-server')('the durability of Redis', () => {
  test.each([
    [[], false, /costs every record.*appendonly no, save ""/],
    [['--save', '3600 1 300 100'], true, /since the last snapshot \(save 3600 1 300 100, appendonly no\)/],
    [['--appendonly', 'yes', '--appendfsync', 'always'], true, /costs nothing that was acknowledged/],
    [['--appendonly', 'yes', '--appendfsync', 'everysec'], true, /up to a second or two/],
    [['--appendonly', 'yes', '--appendfsync', 'no'], true, /what the system has not written yet/],
  ] as const)('with %j', async (settings, onDisk, words) => {
    await using server = await startRedis(...settings);
    const store = await openStore(`${server.url}/0`);
    const said = await store.durability?.();
    await store.close();
    expect(said).toEqual({onDisk, powerLoss: expect.stringMatching(words)});
  });

  test.each([
    ['yes', /what appendfsync allows, which is unknown: CONFIG GET is not permitted/],
    ['no', /since the last snapshot, \d{4}-.*CONFIG GET is not permitted/],
  ] as const)(
    'uses INFO for a user who may not read the configuration: appendonly %s',
    async (appendonly, words) => {
      await using server = await startRedis('--appendonly', appendonly);
      const admin = new Redis(server.url);
      await admin.call('ACL', 'SETUSER', 'gate', 'on', '>secret', '~*', '+@all', '-config');
      admin.disconnect();
      const url = server.url.replace('redis://', 'redis://gate:secret@');
      const store = await openStore(`${url}/0`);
      const said = await store.durability?.();
      await store.close();
      expect(said).toEqual({onDisk: true, powerLoss: expect.stringMatching(words)});
    },
  );

  test('is reported by doctor per gate, with a warning if Redis persists nothing', async () => {
    await using nats = await startNats();
    await using redis = await startRedis();
    await using gate = await GateProcess.start('d1', nats.url, '--store', `${redis.url}/0`);
    const storage = async (): Promise<{readonly state: string; readonly detail: string}> => {
      const {out} = await spawnGatectl(['doctor', '-o', 'json', '--server', nats.url, '--timeout', '20s']);
      const {items} = JSON.parse(out) as {
        readonly items: readonly {
          readonly check: string;
          readonly about: string;
          state: string;
          detail: string;
        }[];
      };
      const found = items.find(({check}) => check === 'storage');
      if (found === undefined) throw new Error(out);
      return found;
    };
    // a gate asks its Redis when it starts, and whoever asks the gate does not wait for that
    const warns = async () => {
      const found = await storage();
      return found.state === 'warn' && found.detail.includes('costs every record');
    };
    await until(warns, {what: 'the warning', timeoutMs: 60_000, everyMs: 500});
    const admin = new Redis(redis.url);
    await admin.config('SET', 'appendonly', 'yes');
    admin.disconnect();
    // a gate asks again every ten seconds
    const later = await until(
      async () => {
        const found = await storage();
        return found.state === 'ok' && found;
      },
      {timeoutMs: 60_000, everyMs: 500},
    );
    expect(later.detail).toContain('up to a second or two');
    expect(gate.nodeId).toBe('Gate@d1');
  });
});
