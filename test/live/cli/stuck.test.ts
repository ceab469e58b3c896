import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {until} from '../../support/poll.js';
import {joinRoom} from '../../support/room-clients.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let dev: DevProcess;
let folder: TemporaryFolder;
const clients = new MqttClients();

beforeAll(async () => {
  [dev, folder] = await Promise.all([startDev('--gates', '1'), temporaryFolder()]);
});
afterAll(async () => {
  await clients[Symbol.asyncDispose]();
  await dev?.[Symbol.asyncDispose]();
  await folder?.remove();
});

interface StuckSession {
  readonly id: string;
  readonly connection: {
    readonly waitingBytes: number;
    readonly waitingPackets: number;
    readonly oldestWaitingAt: string;
  };
}

async function stuckSessions(): Promise<readonly StuckSession[]> {
  const {code, out} = await dev.gatectl('sessions', 'top', '--by', 'waiting', '-o', 'json');
  expect(code).toBe(0);
  return (JSON.parse(out) as {readonly items: readonly StuckSession[]}).items;
}

test('a client that stops reading is named by sessions top, and no more when it reads again', async () => {
  const [stuck] = await joinRoom(dev, clients, 3, 'stuck');
  await stuck?.subscribeAsync('news', {qos: 1});
  expect(await stuckSessions()).toEqual([]);
  stuck?.stream.pause();
  const file = path.join(folder.path, 'body'); // the system takes some megabytes before anything waits
  await writeFile(file, 'x'.repeat(700_000));
  const select = ['--setting', 'roomName=stuck', '--yes', '-q'];
  const [first] = await until(
    async () => {
      await dev.gatectl('send', 'news', ...select, '--file', file);
      const found = await stuckSessions();
      return found.length > 0 && found;
    },
    {what: 'the client to be stuck', timeoutMs: 80_000},
  );
  await dev.gatectl('send', first?.id ?? '', 'news', 'one more', '-q');
  const [grown, ...others] = await stuckSessions();
  expect(others).toEqual([]);
  expect(grown?.id).toBe(first?.id);
  expect(grown?.connection.waitingBytes).toBeGreaterThan(first?.connection.waitingBytes ?? 0);
  expect(grown?.connection.waitingPackets).toBe((first?.connection.waitingPackets ?? 0) + 1);
  expect(grown?.connection.oldestWaitingAt).toBe(first?.connection.oldestWaitingAt);
  const {out} = await dev.gatectl('sessions', 'get', first?.id ?? '', '-o', 'json');
  expect(JSON.parse(out)).toMatchObject({
    connection: {waitingPackets: grown?.connection.waitingPackets, keepAliveEndsAt: expect.any(String)},
    subscriptions: [{filter: 'news', qos: 1}],
  });
  stuck?.stream.resume();
  await until(async () => (await stuckSessions()).length === 0, {what: 'the queue to empty'});
});
