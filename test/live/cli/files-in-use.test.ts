import {promises as fs} from 'node:fs';
import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {until} from '../../support/poll.js';
import {joinRoom} from '../../support/room-clients.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const count = 300;

describe('A4: a file in use', () => {
  let dev: DevProcess;
  let folder: TemporaryFolder;
  let joined: readonly MqttClient[];
  const clients = new MqttClients();
  /** Messages of a topic that each client got. */
  const got = new Map<string, number[]>();

  const inFolder = (name: string): string => path.join(folder.path, name);
  const totals = (topic: string): readonly number[] => got.get(topic) ?? [];
  const arrived = (topic: string): number => totals(topic).filter((times) => times > 0).length;

  beforeAll(async () => {
    [dev, folder] = await Promise.all([startDev('--gates', '2'), temporaryFolder()]);
    joined = await joinRoom(dev, clients, count, 'a4');
    for (const [at, client] of joined.entries()) {
      client.on('message', (topic) => {
        const times = got.get(topic) ?? Array.from({length: count}, () => 0);
        times[at] = (times[at] ?? 0) + 1;
        got.set(topic, times);
      });
    }
  });
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await dev?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  const select = ['send', '--setting', 'roomName=a4', '--expect', String(count)];
  const resume = (file: string, topic: string): readonly string[] => [
    ...['send', '--resume', file, '--yes', '--expect', String(count), topic, 'hello'],
  ];

  test('sends every message once with two concurrent resumes, and names the other process', async () => {
    const file = inFolder('outcome.jsonl');
    await dev.gatectl(...select, '--dry-run', '--outcome', file, 'twice', 'hello');
    const pids: number[] = [];
    const onStart = ({pid = 0}: {readonly pid?: number | undefined}): number => pids.push(pid);
    const outcomes = await Promise.all(
      [0, 1].map(() => spawnGatectl([...resume(file, 'twice'), '--rate', '200'], {env: dev.env, onStart})),
    );
    const [done, refused] = outcomes[0]?.code === 0 ? outcomes : outcomes.toReversed();
    expect(done, done?.err).toMatchObject({code: 0});
    expect(refused).toMatchObject({code: 5, out: ''});
    expect(refused?.err).toMatch(new RegExp(`"${file}" is in use by process (${pids.join('|')})`));
    await until(() => arrived('twice') === count, {what: 'a message for each'});
    expect(totals('twice').filter((times) => times !== 1)).toEqual([]);
  });

  test('refuses a plan in use under every file name, and accepts it after its holder was killed', async () => {
    const plan = inFolder('drain.plan');
    await dev.gatectl(...select, '--plan', plan, 'plan', 'hello');
    await fs.symlink(plan, inFolder('link'));
    await fs.mkdir(inFolder('folder'));
    await fs.link(plan, inFolder('folder/hard'));
    const apply = (name: string): readonly string[] => ['apply', name, '--yes', '--expect', String(count)];
    let pid = 0;
    const first = spawnGatectl([...apply(plan), '--rate', '1'], {
      env: dev.env,
      onStart: (child) => {
        pid = child.pid ?? 0;
      },
    });
    await until(() => arrived('plan') > 0, {what: 'the first messages'});
    process.kill(pid, 'SIGSTOP');
    try {
      const before = arrived('plan');
      for (const name of [plan, inFolder('link'), inFolder('folder/hard'), path.relative('.', plan)]) {
        const second = await dev.gatectl(...apply(name));
        expect(second, name).toMatchObject({code: 5, out: ''});
        expect(second.err).toContain(`"${name}" is in use by process ${pid}`);
      }
      expect(arrived('plan')).toBe(before);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    await first;
    expect(await dev.gatectl('apply', plan, '--dry-run')).toMatchObject({code: 0});
  });
});
