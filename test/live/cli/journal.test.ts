import {promises as fs} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {startDev} from '../../support/dev-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';
import {sessionIdOf} from '../../support/test-gate.js';

test('D19: eight concurrent writers write whole lines', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'gatectl', 'journal.jsonl');
  const reason = 'x'.repeat(900);
  const outcomes = await Promise.all(
    Array.from({length: 8}, (_, at) =>
      spawnGatectl(['unbind', `session-${at}`, '--read-only', '--reason', reason], {
        env: {XDG_STATE_HOME: folder.path},
      }),
    ),
  );
  expect(outcomes.map(({code}) => code)).toEqual(Array.from({length: 8}, () => 4));
  const lines = (await fs.readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.length).toBe(16);
  expect(new Set(lines.map(({id}) => id)).size).toBe(8);
  expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
});

test('set, undo and audit work with the built program on a real gate', async () => {
  await using folder = await temporaryFolder();
  await using dev = await startDev('--gates', '1');
  await using clients = new MqttClients();
  const id = await sessionIdOf(await clients.open(dev.gates[0]?.tcp ?? ''));
  const env = {...dev.env, XDG_STATE_HOME: folder.path};
  const run = (...argv: readonly string[]) => spawnGatectl(argv, {env});
  expect((await run('settings', 'set', id, 'room=lobby', '--reason', 'a test')).code).toBe(0);
  const undone = await run('settings', 'undo', id, '-o', 'json');
  expect(undone.code).toBe(0);
  expect(JSON.parse(undone.out).after.settings).not.toHaveProperty('room');
  const {items} = JSON.parse((await run('audit', 'list', '-o', 'json')).out);
  expect(items).toMatchObject([
    {command: 'settings set', context: 'dev', reason: 'a test', exitCode: 0},
    {command: 'settings undo', exitCode: 0},
  ]);
});
