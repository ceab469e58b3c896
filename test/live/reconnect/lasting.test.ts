import {once} from 'node:events';
import {promises as fs} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Bus, BusStatus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {LongCommand} from '../../support/long-command.js';
import {startNats} from '../../support/nats.js';
import {JwtOperator} from '../../support/nats-jwt.js';
import {testOnScreen} from '../../support/on-screen.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {openScreen} from '../../support/screen.js';
import {describeWith, freePort} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder('gatectl-lasting-');
});
afterAll(() => folder.remove());

const users = (password: string): string => `authorization { user: op, password: "${password}" }`;

/** Statuses of a connection, as they come. */
function statusesOf(bus: Bus): BusStatus[] {
  const seen: BusStatus[] = [];
  bus.onStatus((status) => void seen.push(status));
  return seen;
}

async function passwordFile(text = 'right'): Promise<readonly string[]> {
  const file = path.join(folder.path, 'password');
  await fs.writeFile(file, text, {mode: 0o600});
  return ['--user', 'op', '--password-file', file];
}

describeWith('nats-server')('B1: a long-running connection', () => {
  test.each([
    ['is gone', undefined, '1.5', 8, 'cannot reach NATS'],
    ['refuses the credentials', 'other', '4', 4, 'refuses the credentials'],
  ] as const)(
    'ends everything after --give-up-after when the server %s',
    async (_name, next, seconds, code, words) => {
      let password = 'right';
      await using nats = await startNats(() => users(password));
      const flags = [
        '--server',
        nats.url,
        ...(await passwordFile()),
        '--give-up-after',
        `${Number(seconds) * 1000}ms`,
      ];
      const gate = new LongCommand(['gate', 'run', '--tcp', '0', '-o', 'jsonl', ...flags]);
      await until(() => gate.out.includes('nodeId'), {what: 'the gate'});
      const watch = new LongCommand(['sessions', 'watch', '-o', 'jsonl', ...flags]);
      const trace = new LongCommand(['trace', '-o', 'jsonl', ...flags]);
      const metrics = new LongCommand(['metrics', '--listen', '127.0.0.1:0', ...flags]);
      await until(() => watch.out.includes('"watching"'), {what: 'the watch'});
      await until(() => trace.err.includes('listening on'), {what: 'the trace'});
      await until(() => metrics.err.includes('serving'), {what: 'the metrics'});
      password = next ?? password;
      await (next === undefined ? nats.stop() : nats.restart());
      for (const command of [gate, watch, trace, metrics]) {
        expect(await command.ended).toMatchObject({code, err: expect.stringContaining(words)});
        expect(command.err).toContain(`gave up after ${seconds} s`);
      }
      for (const {out} of [watch, trace])
        expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toHaveProperty('summary');
      expect(watch.out).toContain('"gap"');
    },
  );

  test('prints a summary and a gap when a watch ends during an outage', async () => {
    await using nats = await startNats();
    const gate = new LongCommand(['gate', 'run', '--tcp', '0', '-o', 'jsonl', '--server', nats.url]);
    await until(() => gate.out.includes('nodeId'), {what: 'the gate'});
    const watch = new LongCommand(['sessions', 'watch', '-o', 'jsonl', '--server', nats.url, '--for', '4s']);
    await until(() => watch.out.includes('"watching"'), {what: 'the watch'});
    await nats.stop();
    const {out} = await watch.ended;
    expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({summary: {gaps: 1}});
    gate.kill();
    await gate.ended;
  });

  test('does not repeat a failed first sign-in', async () => {
    await using nats = await startNats(users('right'));
    const flags = ['--server', nats.url, ...(await passwordFile('wrong'))];
    for (const argv of [
      ['gate', 'run', '--tcp', '0'],
      ['sessions', 'watch'],
      ['trace'],
      ['metrics', '--listen', '127.0.0.1:0'],
    ])
      expect(await spawnGatectl([...argv, ...flags])).toMatchObject({code: 4});
  });

  test('reloads a user JWT that expires from its file', async () => {
    const operator = new JwtOperator();
    await using nats = await startNats(operator.conf);
    const creds = path.join(folder.path, 'short.creds');
    const expiresAt = Date.now() + 2500;
    await fs.writeFile(creds, operator.user(expiresAt).creds);
    const bus = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: true, creds});
    const seen = statusesOf(bus);
    // in its last second a JWT may be accepted once more, and the connection cut at once
    await until(() => Date.now() > expiresAt && seen.at(-1) === 'refused', {what: 'the end of the JWT'});
    await fs.writeFile(creds, operator.user().creds);
    const renewed = performance.now();
    await until(() => bus.connected, {what: 'the reconnect'});
    expect(performance.now() - renewed).toBeLessThan(5000);
    expect(seen.at(-1)).toBe('reconnected');
    await bus.flush();
    await bus.close();
  });

  test.each([
    ['is away', (file: string) => fs.rm(file)],
    ['is half written', (file: string) => fs.writeFile(file, '-----BEGIN NATS USER JWT-----\ney')],
  ])('keeps the last credentials when a file %s during a reconnect', async (_name, spoil) => {
    const operator = new JwtOperator();
    await using nats = await startNats(operator.conf);
    const creds = path.join(folder.path, 'spoilt.creds');
    await fs.writeFile(creds, operator.user().creds);
    const lines: string[] = [];
    const notice = (line: string): void => void lines.push(line);
    const bus = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: true, creds, notice});
    const seen = statusesOf(bus);
    await spoil(creds);
    await nats.restart();
    await until(() => seen.includes('reconnected'), {what: 'the reconnect'});
    expect(lines.filter((line) => line.includes('using the credentials read before'))).toHaveLength(1);
    await bus.close();
    expect(bus.failure).toBeUndefined();
  });

  testOnScreen('a table that refreshes itself outlives an outage', async () => {
    await using nats = await startNats();
    const gate = new LongCommand(['gate', 'run', '--tcp', '0', '-o', 'jsonl', '--server', nats.url]);
    await until(() => gate.out.includes('nodeId'), {what: 'the gate'});
    const argv = ['bin/gatectl.js', 'sessions', 'top', '--every', '500ms', '--server', nats.url];
    await using screen = openScreen(process.execPath, argv, {columns: 160});
    await screen.shows('Ctrl-C to stop');
    await nats.stop();
    await screen.shows('not refreshed');
    await nats.restart();
    await screen.becomes('refreshed again', () => !screen.text().includes('not refreshed'));
    gate.kill();
    await gate.ended;
  });

  test('retries a full server before the timeout', async () => {
    let most = 10;
    await using nats = await startNats(() => `max_connections: ${most}`);
    const open = () => connectBus({server: nats.url, timeoutMs: 60_000, reconnect: true});
    const buses = [await open(), await open()];
    most = 1;
    await nats.restart();
    const connected = () => buses.find((bus) => bus.connected);
    const first = await until(connected, {what: 'the first to be back'});
    const other = buses.find((bus) => bus !== first);
    await first.close();
    await until(() => other?.connected, {what: 'the other to be back'});
    await other?.close();
  });

  test('reconnects after bytes that are not NATS', async () => {
    let connections = 0;
    const fake = createServer((socket) => {
      connections += 1;
      const isBad = connections === 1;
      let pings = 0;
      socket.write('INFO {"version":"2.9.10","max_payload":1048576}\r\n');
      socket.on('data', (bytes) => {
        if (!bytes.includes('PING')) return;
        pings += 1;
        socket.write(isBad && pings > 1 ? 'nonsense\r\n' : 'PONG\r\n');
      });
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(fake, 'listening');
    const {port} = fake.address() as AddressInfo;
    const bus = await connectBus({server: `nats://127.0.0.1:${port}`, timeoutMs: 10_000, reconnect: true});
    await expect(bus.flush()).rejects.toThrow();
    await until(() => connections === 2 && bus.connected, {what: 'another connection'});
    await bus.close();
    fake.close();
  });

  test('reports an unreachable registry in a watch', async () => {
    await using nats = await startNats();
    for (const kind of ['etcd', 'consul']) {
      const registry = `${kind}://127.0.0.1:${await freePort()}`;
      const watch = new LongCommand(['sessions', 'watch', '--server', nats.url, '--registry', registry]);
      await until(() => watch.err.includes(`cannot reach ${kind}`), {what: 'the notice'});
      watch.kill('SIGINT');
      expect(await watch.ended).toMatchObject({code: 130});
    }
  });
});
