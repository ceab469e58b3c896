import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {until} from '../../support/poll.js';
import {alive, joinRoom} from '../../support/room-clients.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';
import {ask} from '../../support/test-gate.js';

describe('paced kicks on a real cluster', () => {
  let dev: DevProcess;
  let folder: TemporaryFolder;
  const clients = new MqttClients();

  beforeAll(async () => {
    [dev, folder] = await Promise.all([startDev('--gates', '2'), temporaryFolder()]);
  });
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await dev?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  const join = (count: number, room: string): Promise<readonly MqttClient[]> =>
    joinRoom(dev, clients, count, room);

  test('D08: keeps the rate and kicks all matching sessions only', async () => {
    const [wanted, others] = await Promise.all([join(40, 'closing'), join(10, 'open')]);
    const count = await dev.gatectl('sessions', 'count', '--setting', 'roomName=closing', '-o', 'json');
    expect(JSON.parse(count.out).sessions).toBe(40);
    const kicked = await dev.gatectl(
      ...['sessions', 'kick', '--setting', 'roomName=closing', '--rate', '20', '--yes', '--expect', '40'],
      ...['-o', 'json'],
    );
    expect({code: kicked.code, err: kicked.err}).toEqual({
      code: 0,
      err: expect.stringContaining('kick: 40 done'),
    });
    expect(kicked.ms).toBeGreaterThan(950); // the twentieth of each gate is due after 950 ms
    expect(JSON.parse(kicked.out)).toMatchObject({action: 'kick', targets: 40, done: 40, unknown: 0});
    await until(() => alive(wanted) === 0, {what: 'every kicked client to see it'});
    expect(alive(others)).toBe(10);
  });

  test('D08: stops within a second on Ctrl-C, and resumes with exactly the rest', async () => {
    const wanted = await join(60, 'stopped');
    const outcome = path.join(folder.path, 'outcome.jsonl');
    const select = ['--setting', 'roomName=stopped', '--rate', '2', '--yes', '--expect', '60']; // a quarter of a minute
    let asked = 0;
    const stopped = await spawnGatectl(['sessions', 'kick', ...select, '--outcome', outcome], {
      env: dev.env,
      onStart: (child) => {
        void until(() => alive(wanted) < 60, {what: 'some to be kicked'}).then(() => {
          asked = performance.now();
          child.kill('SIGINT');
        });
      },
    });
    const ms = performance.now() - asked;
    expect(stopped.code).toBe(130);
    expect(ms).toBeLessThan(5000); // the next kick was due within half a second, the last in 15
    expect(stopped.err).toMatch(/kick: \d+ done.* of 60 sessions/);
    expect(stopped.err).toContain(`continue with --resume ${outcome}`);
    const told = (state: string) =>
      Number(new RegExp(`kick: .*?(\\d+) ${state}`).exec(stopped.err)?.[1] ?? 0);
    const [done, unknown] = [told('done'), told('unknown')];
    // one that was under way and not yet verified when it was stopped may be gone or not
    const gone = () => 60 - alive(wanted);
    await until(() => gone() >= done && gone() <= done + unknown, {
      what: 'those that were said to be kicked',
    });
    expect(unknown).toBeLessThanOrEqual(2); // one on each gate
    const rest = await dev.gatectl(
      'sessions',
      'kick',
      '--resume',
      outcome,
      '--yes',
      '--expect',
      `${60 - done}`,
    );
    expect({code: rest.code, err: rest.err}).toEqual({
      code: 0,
      err: expect.stringMatching(
        unknown === 0 ? `kick: ${60 - done} done of ${60 - done} sessions` : ` of ${60 - done} sessions`,
      ),
    });
    await until(() => alive(wanted) === 0, {what: 'all to be kicked'});
  });

  test('D09: stops on a reconnect storm', async () => {
    const comeBack = await Promise.all(
      Array.from({length: 60}, async (_, at) => {
        const client = await clients.open(dev.gates[at % 2]?.tcp ?? '', {reconnectPeriod: 10});
        await ask(client, 'HelloWorld/HD_room/1', JSON.stringify({room: 'rush'}));
        return client;
      }),
    );
    const outcome = path.join(folder.path, 'rush.jsonl');
    const stopped = await dev.gatectl(
      ...['sessions', 'kick', '--setting', 'roomName=rush', '--rate', '5', '--max-connects', '2'],
      ...['--yes', '--expect', '60', '--outcome', outcome],
    );
    for (const client of comeBack) client.end(true);
    expect({code: stopped.code, err: stopped.err}).toEqual({
      code: 1,
      err: expect.stringMatching(
        /stopped: Gate@\S+ has \d+ new connections a second, more than the limit of 2/,
      ),
    });
    expect(stopped.err).toContain(`continue with --resume ${outcome}`);
    expect(Number(/kick: (\d+) done/.exec(stopped.err)?.[1])).toBeLessThan(60);
  });
});
