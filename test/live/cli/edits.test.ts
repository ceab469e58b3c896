import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ConflictError} from '../../../src/base/errors.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import type {Cluster} from '../../../src/cluster/cluster.js';
import {openCluster} from '../../../src/cluster/gates/open-cluster.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {GateProcess} from '../../support/gate-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startNats} from '../../support/nats.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';
import {startStore, storeKinds} from '../../support/test-stores.js';

/** 500 are asked for by hand with GATECTL_EDITS; a run of all tests does with fewer. */
const editsEach = Number(process.env['GATECTL_EDITS'] ?? 100);

describeWith('nats-server')('D11: two operators edit the same object', () => {
  test.each(storeKinds)(
    'keep all edits of a session and a record, on %s',
    async (kind) => {
      await using nats = await startNats('jetstream { store_dir: "{folder}/js" }');
      const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: true});
      await using store = await startStore(kind, nats, bus);
      await using gate = await GateProcess.start('edit', nats.url, '--store', store.url);
      await using clients = new MqttClients();
      await clients.open(gate.tcp);
      const operators = await Promise.all([1, 2].map(() => operatorOf(nats.url)));
      const [first] = operators;
      const [row] = await sessionsOf(first);
      const reference = `${row?.node}/${row?.session.sessionId}`;
      await first?.bind(reference, 'u11');
      await first?.setSettings(reference, stringBag([['count', '0']]));
      await first?.records.put('offline', recordOf(0));
      const conflicts = await Promise.all(
        operators.flatMap((one) => [manyEdits(one, reference), manyRecordEdits(one)]),
      );
      const {session} = (await first?.locate(reference)) ?? {};
      expect(session?.settings['count']).toBe(String(2 * editsEach));
      expect(countIn(await first?.records.get('offline'))).toBe(2 * editsEach);
      expect(
        conflicts.some((count) => count > 0),
        'they met',
      ).toBe(true);
      await Promise.all(operators.map((one) => one.close()));
      await bus.close();
    },
    120_000,
  );

  const operatorOf = (server: string): Promise<Cluster> =>
    openCluster({server, registry: 'nats://', gateType: 'Gate', timeoutMs: 5000, reconnect: true});

  async function sessionsOf(cluster: Cluster | undefined) {
    const rows = [];
    for await (const row of (await cluster?.list())?.rows ?? []) rows.push(row);
    return rows;
  }

  /** Adds one to a setting so many times, each time to what he has read; resolves with how often he had to read again. */
  async function manyEdits(cluster: Cluster, reference: string): Promise<number> {
    return await repeat(async () => {
      const {settings} = (await cluster.locate(reference)).session;
      const before = settings['count'] ?? '';
      const set = stringBag([['count', String(Number(before) + 1)]]);
      await cluster.editSettings(reference, {set, unset: [], expected: {count: before}});
    });
  }

  async function manyRecordEdits({records}: Cluster): Promise<number> {
    return await repeat(async () => {
      const record = await records.get('offline');
      await records.put('offline', recordOf(countIn(record) + 1), {revision: record.revision});
    });
  }

  async function repeat(edit: () => Promise<void>): Promise<number> {
    let conflicts = 0;
    for (let done = 0; done < editsEach; ) {
      try {
        await edit();
        done += 1;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        conflicts += 1;
      }
    }
    return conflicts;
  }

  const recordOf = (count: number): Buffer =>
    Buffer.from(
      encodeSession(newSession({userId: 'offline', settings: stringBag([['count', String(count)]])})),
    );
  const countIn = (record: {readonly value: Uint8Array} | undefined): number =>
    Number(decodeSession(record?.value ?? new Uint8Array()).settings['count']);
});

describe('D13: settings edit with a real editor', () => {
  let dev: DevProcess;
  let folder: TemporaryFolder;
  let reference: string;
  const clients = new MqttClients();

  beforeAll(async () => {
    [dev, folder] = await Promise.all([startDev('--gates', '1'), temporaryFolder()]);
    await clients.open(dev.gates[0]?.tcp ?? '');
    reference = (await dev.gatectl('sessions', 'list', '-o', 'ids')).out.trim();
    await dev.gatectl('settings', 'set', reference, 'room=lobby', 'level=7');
  });
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await dev?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  /** An editor that takes a flag of its own. */
  async function editorOf(script: string, name = 'editor.sh'): Promise<string> {
    const file = path.join(folder.path, name);
    await fs.writeFile(file, `#!/bin/sh\n[ "$1" = --wait ] || exit 9\nfile=$2\n${script}\n`, {mode: 0o700});
    return name.includes(' ') ? `"${file}" --wait` : `${file} --wait`;
  }

  const edit = async (script: string, env: Readonly<Record<string, string>> = {}) =>
    await spawnGatectl(['settings', 'edit', reference, '-o', 'json'], {
      env: {...dev.env, TMPDIR: folder.path, EDITOR: await editorOf(script), ...env},
    });
  const settings = async () =>
    JSON.parse((await dev.gatectl('settings', 'list', reference, '-o', 'json')).out).settings;
  const left = async () => (await fs.readdir(folder.path)).filter((name) => name.startsWith('gatectl-edit'));

  test('sends the edited text and removes the file', async () => {
    const {code, out, err} = await edit('sed -i s/lobby/arena/ "$file"; echo drawn on the terminal');
    expect({code, err}).toEqual({code: 0, err: 'drawn on the terminal\n'});
    expect(JSON.parse(out)).toMatchObject({
      before: {settings: {room: 'lobby'}},
      after: {settings: {room: 'arena'}},
    });
    expect(await settings()).toMatchObject({room: 'arena', level: '7'});
    expect(await left()).toEqual([]);
  });

  test('accepts a command line with arguments as the editor', async () => {
    const EDITOR = `LEVEL=8 ${await editorOf('sed -i s/7/$LEVEL/ "$file"', 'my $(editor).sh').then((line) => line.replace('$', '\\$'))}`;
    expect((await edit('', {EDITOR})).code).toBe(0);
    expect(await settings()).toMatchObject({level: '8'});
  });

  test('exits 6, sends nothing and keeps the text privately when the editor fails', async () => {
    const {code, out, err} = await edit('sed -i s/arena/roof/ "$file"; exit 1');
    expect({code, out}).toEqual({code: 6, out: ''});
    const [kept = ''] = await left();
    const file = path.join(folder.path, kept, 'settings.jsonc');
    expect(err).toContain(`your edit is saved in ${file}`);
    expect(await fs.readFile(file, 'utf8')).toContain('roof');
    expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
    expect(await settings()).toMatchObject({room: 'arena'});
    await fs.rm(path.join(folder.path, kept), {recursive: true});
  });

  test('exits 6 and leaves nothing when the editor does not exist', async () => {
    const {code} = await edit('', {EDITOR: '/nonexistent/editor'});
    expect({code, left: await left()}).toEqual({code: 6, left: []});
  });

  test('passes Ctrl-C to the editor; ends both on SIGTERM and keeps the text', async () => {
    const interrupted = await edit('kill -INT $PPID; sed -i s/arena/cellar/ "$file"');
    expect(interrupted.code).toBe(0);
    expect(await settings()).toMatchObject({room: 'cellar'});
    const ended = await edit('sed -i s/cellar/roof/ "$file"; kill -TERM $PPID; exec sleep 20');
    expect(ended.ms).toBeLessThan(10_000);
    expect(ended.err).toContain('your edit is saved in ');
    expect(await settings()).toMatchObject({room: 'cellar'});
    for (const name of await left()) await fs.rm(path.join(folder.path, name), {recursive: true});
  });

  test("exits 74 before the editor starts when the file can't be written", async () => {
    const {code, err} = await edit('touch "$file.begun"', {TMPDIR: '/dev/full'});
    expect(code).toBe(74);
    expect(err).toContain('cannot write the text to edit in \\"/dev/full\\"');
  });
});
