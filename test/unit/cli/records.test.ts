import {readFile, writeFile} from 'node:fs/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {CallError, PermissionError, UnreachableError} from '../../../src/base/errors.js';
import {errorOfRefusal} from '../../../src/bus/gate/gate-refusal.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl, memoryJournal} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const bytesOf = (uid: string, sessionId = 'gone'): Buffer =>
  Buffer.from(
    encodeSession(
      newSession({userId: uid, sessionId, serverId: 'Gate@a', settings: stringBag([['a', '1']])}),
    ),
  );
const base64 = (uid: string): string => bytesOf(uid).toString('base64');

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

let stores = 0;

/** A file store that holds a record of each uid. */
async function storeOf(...uids: readonly string[]): Promise<string> {
  stores += 1;
  const url = `file:${folder.path}/store${stores}`;
  const store = await openStore(url);
  for (const uid of uids) await store.put(uid, bytesOf(uid));
  await store.close();
  return url;
}

/** A gate that is a stock one but for what `gate` says. */
function aGate(change: (gate: FakeGate) => void = () => {}): FakeGate {
  const gate = new FakeGate('Gate@a');
  change(gate);
  return gate;
}

const withRecord = (fault?: unknown) =>
  aGate((gate) => {
    gate.records.set('u1', {uid: 'u1', value: bytesOf('u1'), revision: '1', expiresAt: 0});
    if (fault !== undefined)
      gate.before = (fn) => {
        if (fn === 'GatectlRecordGet') throw fault;
      };
  });

const refusal = (message: string) =>
  new CallError({reason: 'refused', node: 'Gate@a', fn: 'GatectlRecordGet'}, `Gate@a refused it: ${message}`);

describe('A2: a record that cannot be read', () => {
  const unread = (reason: 'refused' | 'not-permitted') => {
    const gate = withRecord();
    const list = gate.recordList.bind(gate);
    gate.recordList = async (query) => ({
      ...(await list(query)),
      unread: [{uid: 'u2', reason, message: reason === 'refused' ? 'WRONGTYPE' : 'NOPERM'}],
    });
    return {gates: [gate]};
  };

  test.each(['list', 'export'])('is named and counted, and records %s is incomplete', async (verb) => {
    for (const [reason, expected] of [
      ['refused', 3],
      ['not-permitted', 4],
    ] as const) {
      const {code, out, err} = await gatectl(`records ${verb} -o jsonl`, unread(reason));
      expect(code).toBe(expected);
      expect(err).toContain('1 record could not be read: "u2"');
      const [first, last, ...more] = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(first).toMatchObject({uid: 'u1'});
      expect(last.summary).toMatchObject({
        complete: false,
        count: 1,
        gates: [{status: 'failed', reason, unread: 1, unreadRecords: [{uid: 'u2', reason}]}],
      });
      expect(more).toEqual([]);
    }
    expect(await gatectl(`records ${verb} --allow-partial`, unread('refused'))).toMatchObject({code: 0});
  });

  test('makes anomalies and a snapshot incomplete', async () => {
    const anomalies = await gatectl('anomalies --checks orphan -o json', unread('refused'));
    expect(anomalies.code).toBe(3);
    expect(JSON.parse(anomalies.out).complete).toBe(false);
    const file = `${folder.path}/s.jsonl`;
    const saved = await gatectl(`snapshot save ${file} --records -o json`, unread('not-permitted'));
    expect(JSON.parse(saved.out)).toMatchObject({complete: false});
    expect(saved).toMatchObject({code: 4, err: expect.stringContaining('"u2" (NOPERM)')});
    expect(await gatectl(`records list --snapshot ${file}`)).toMatchObject({
      code: 4,
      err: expect.stringContaining('"u2" (NOPERM)'),
    });
    expect((await readFile(file, 'utf8')).match(/"record":/g)).toHaveLength(1);
    expect(await gatectl(`records get u2 --snapshot ${file}`)).toMatchObject({code: 3, out: ''});
  });

  test('is not reported as missing: get, diff and set name the reason, and nothing is written', async () => {
    for (const words of [
      'records get u1',
      'records diff u1',
      'records set u1 b=2',
      'records expire u1 10m',
    ]) {
      const failed = await gatectl(words, {gates: [withRecord(refusal('WRONGTYPE'))]});
      expect(failed, words).toMatchObject({code: 3, out: '', err: expect.stringContaining('WRONGTYPE')});
      const denied = await gatectl(words, {gates: [withRecord(refusal('NOPERM no access'))]});
      expect(denied, words).toMatchObject({code: 4, out: '', err: expect.stringContaining('NOPERM')});
    }
  });

  test('A2: does not make its gate silent: the gate answered with the reason', async () => {
    const {err} = await gatectl('records get u1', {gates: [withRecord(refusal('WRONGTYPE'))]});
    expect(err).toContain('1 of 1 gate refused (Gate@a refused it: WRONGTYPE)');
    expect(err).not.toContain('did not answer');
  });

  test('A6: exits 7 for a delete whose outcome the gate does not know', async () => {
    const gate = withRecord();
    gate.before = (fn) => {
      if (fn === 'GatectlRecordDelete')
        throw errorOfRefusal('Gate@a', fn, 'Outcome unknown: Redis: Command timed out');
    };
    expect(await gatectl('records delete u1 --yes', {gates: [gate]})).toMatchObject({
      code: 7,
      err: expect.stringContaining('1 of 1 gate cannot tell (Gate@a does not know the outcome of'),
    });
  });

  test('A2: exits 4 for a folder without permission, and calls no gate silent', async () => {
    // no process may make a file in sysfs
    const run = await gatectl('records delete u1 --offline --yes --store file:/sys/kernel', {gates: []});
    expect(run, run.err).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringMatching(/E(?:ACCES|PERM|ROFS)/),
    });
    expect(run.err).not.toContain('did not answer');
    await expect(openStore('file:/sys/gatectl')).rejects.toThrow(PermissionError);
  });

  test('is not shown as an empty record from an older snapshot', async () => {
    const file = `${folder.path}/earlier.jsonl`;
    await gatectl(`snapshot save ${file} --records`, {gates: [withRecord()]});
    const text = await readFile(file, 'utf8');
    const line = JSON.stringify({
      record: {uid: 'u2', gate: 'Gate@a', value: '', revision: '', expiresAt: 0, fault: 'NOPERM'},
    });
    await writeFile(file, `${text.replace('"records":{"count":1', '"records":{"count":2')}${line}\n`);
    const listed = await gatectl(`records export --snapshot ${file}`);
    expect(listed).toMatchObject({code: 4, err: expect.stringContaining('"u2"')});
    expect(listed.out.match(/"value":/g)).toHaveLength(1);
  });
});

describe('A2: import', () => {
  test('A2: a line that has expired since the export keeps the existing record', async () => {
    const store = await storeOf('u1');
    const stdin = JSON.stringify({uid: 'u1', value: base64('u1'), expiresAt: '2020-01-01T00:00:00Z'});
    const run = await gatectl(`records import - --overwrite --store ${store} -o json`, {stdin, gates: []});
    expect(run, run.err).toMatchObject({code: 0, err: expect.stringContaining('1 record expired since')});
    expect(JSON.parse(run.out)).toMatchObject({imported: 0, expired: 1});
    expect(await (await openStore(store)).get('u1')).toBeDefined();
  });

  test.each([
    [{uid: 'u1'}, 'missing value'],
    [{uid: 'u1', value: ''}, 'empty value'],
    [{uid: 'u1', value: null}, 'missing value'],
    [{uid: 'u1', value: '', undecodable: 'NOPERM', expiresAt: null}, 'empty value'],
    [
      {uid: 'u1', value: '', bytes: 0, undecodable: 'NOPERM'},
      'could not be read when it was exported (NOPERM)',
    ],
    [{uid: 'u1', value: '!!'}, 'invalid base64 in "value"'],
    [{uid: 'u1', value: base64('u1'), bytes: 3}, 'expected 3'],
    [{uid: '', value: base64('u1')}, 'missing uid'],
    [{uid: 'u1', value: base64('u1'), expiresAt: 'soon'}, 'invalid expiresAt "soon"'],
    [{uid: 'u1', value: '//8='}, 'at byte'],
    ['text', 'expected a JSON object'],
  ])('refuses %j before anything is written', async (line, why) => {
    const store = await storeOf('u1');
    const input = `${JSON.stringify({uid: 'u0', value: base64('u0')})}\n${JSON.stringify(line)}\n`;
    const run = await gatectl(`records import - --overwrite --yes --store ${store}`, {stdin: input});
    expect(run).toMatchObject({code: 2, err: expect.stringContaining(why)});
    expect(run.err).toContain('cannot import line 2');
    expect((await gatectl(`records list -o ids --store ${store}`)).out).toBe('u1\n');
  });

  test('restores every exported record, also empty and undecodable ones', async () => {
    const from = await storeOf('u1');
    const store = await openStore(from);
    await store.put('empty', Buffer.alloc(0));
    await store.put('broken', Buffer.from([0xff, 0x00]));
    const exported = (await gatectl(`records export --store ${from}`)).out;
    const to = await storeOf();
    const run = await gatectl(`records import - --store ${to}`, {stdin: exported});
    expect(run).toMatchObject({code: 0, out: '3\t0\t0\t0\n'});
    const copy = await openStore(to);
    for (const uid of ['u1', 'empty', 'broken'])
      expect((await copy.get(uid))?.value).toEqual((await store.get(uid))?.value);
  });

  test('reports an incomplete export, and refuses undecodable bytes through gates', async () => {
    const summary = '{"summary":{"complete":false}}';
    const store = await storeOf();
    const run = await gatectl(`records import - --store ${store}`, {stdin: summary});
    expect(run.err).toContain('the export is incomplete');
    const broken = JSON.stringify({uid: 'b', value: '/wA=', bytes: 2, undecodable: 'garbage'});
    const gates = [aGate()];
    expect(await gatectl('records import -', {stdin: broken, gates})).toMatchObject({code: 2});
    expect(gates[0]?.records.size).toBe(0);
  });
});

describe('A7: an unknown expiry', () => {
  const unknown = () =>
    aGate((gate) =>
      gate.records.set('u1', {uid: 'u1', value: bytesOf('u1'), revision: '1', expiresAt: undefined}),
    );

  test('is - in tables, and in JSON null with expiresKnown false', async () => {
    for (const verb of ['list', 'get u1']) {
      const json = JSON.parse((await gatectl(`records ${verb} -o json`, {gates: [unknown()]})).out);
      expect(json.items?.[0] ?? json).toMatchObject({expiresAt: null, expiresKnown: false});
      const shown = (await gatectl(`records ${verb} -o table`, {gates: [unknown()]})).out;
      expect(shown).not.toContain('never');
    }
    expect((await gatectl('records list -o tsv', {gates: [unknown()]})).out).toMatch(/\t-\n$/);
    const known = await gatectl('records list -o json', {gates: [withRecord()]});
    expect(JSON.parse(known.out).items).toMatchObject([{expiresAt: null, expiresKnown: true}]);
  });

  test('causes a warning on a write', async () => {
    const handler = () => {
      const gate = unknown();
      const put = gate.recordPut.bind(gate);
      gate.recordPut = async (uid, value, options) => {
        const revision = await put(uid, value, options);
        gate.records.set(uid, {uid, value, revision, expiresAt: undefined});
        return revision;
      };
      return {gates: [gate]};
    };
    const warning = 'unknown expiry of the record of "u1"';
    expect((await gatectl('records set u1 b=2', handler())).err).toContain(warning);
    expect((await gatectl('records expire u1 10m', handler())).err).toContain(warning);
    const line = JSON.stringify({uid: 'u1', value: base64('u1'), expiresAt: null, expiresKnown: true});
    expect((await gatectl('records import - --overwrite', {...handler(), stdin: line})).err).toContain(
      warning,
    );
  });

  test('is not imported as "never" unless --ttl never is given', async () => {
    const exported = (await gatectl('records export', {gates: [unknown()]})).out;
    const puts: unknown[] = [];
    const to = () =>
      aGate((gate) => {
        gate.recordPut = async (_uid, _value, put) => {
          puts.push(put?.ttlMs);
          return '1';
        };
      });
    const first = await gatectl('records import -', {gates: [to()], stdin: exported});
    expect(first.err).toContain('the export has no expiry for 1 record');
    await gatectl('records import - --ttl 10m', {gates: [to()], stdin: exported});
    await gatectl('records import - --ttl never', {gates: [to()], stdin: exported});
    const known = (await gatectl('records export', {gates: [withRecord()]})).out;
    expect((await gatectl('records import -', {gates: [to()], stdin: known})).err).toBe('');
    expect(puts).toEqual([undefined, 600_000, 0, 0]);
  });

  test('stays unknown in a snapshot', async () => {
    const file = `${folder.path}/unknown.jsonl`;
    await gatectl(`snapshot save ${file} --records`, {gates: [unknown()]});
    const {out} = await gatectl(`records get u1 -o json --snapshot ${file}`);
    expect(JSON.parse(out)).toMatchObject({expiresAt: null, expiresKnown: false});
  });
});

describe('A6: records of users who may be online', () => {
  const unreachable: CliWorld = {
    openCluster: async () => {
      throw new UnreachableError('cannot reach NATS');
    },
  };
  const writes = ['delete u1 --yes', 'set u1 b=2', 'expire u1 never'];

  test.each(writes)('with a store and no gate registered, %s says so and goes on', async (words) => {
    const store = await storeOf('u1');
    const run = await gatectl(`records ${words} --store ${store}`, {gates: []});
    expect(run).toMatchObject({code: 0, err: expect.stringContaining('cannot check who is online')});
  });

  test.each(writes)(
    'a registry that cannot be reached refuses %s, unless --offline is given',
    async (words) => {
      const store = await storeOf('u1');
      const refused = await gatectl(`records ${words} --store ${store}`, unreachable);
      expect(refused).toMatchObject({code: 8, err: expect.stringContaining('--offline')});
      expect((await gatectl(`records list -o ids --store ${store}`)).out).toBe('u1\n');
      expect(await gatectl(`records ${words} --store ${store} --offline`, unreachable)).toMatchObject({
        code: 0,
      });
    },
  );

  test('import warns and continues, and is silent with --offline', async () => {
    const stdin = JSON.stringify({uid: 'u1', value: base64('u1'), expiresAt: null, expiresKnown: true});
    const [one, other] = [await storeOf(), await storeOf()];
    const warned = await gatectl(`records import - --store ${one}`, {...unreachable, stdin});
    expect(warned).toMatchObject({code: 0, err: expect.stringContaining('cannot check who is online')});
    const quiet = await gatectl(`records import - --offline --store ${other}`, {...unreachable, stdin});
    expect(quiet).toMatchObject({code: 0, err: ''});
  });

  test('refuses --offline without --store', async () => {
    for (const words of writes)
      expect(await gatectl(`records ${words} --offline`, {gates: [withRecord()]})).toMatchObject({code: 2});
  });

  /** A stock gate with the session that the record names; it says no to IsConnect where `silent`. */
  function stock(silent = false): FakeGate {
    const row = aRow({sessionId: 'alive', userId: 'u1', serverId: 'Gate@a'});
    const gate = new FakeGate('Gate@a', [row]);
    gate.stock = true;
    if (silent) gate.isConnect = async () => false;
    return gate;
  }

  async function storeNaming(sessionId: string): Promise<string> {
    const url = await storeOf();
    const store = await openStore(url);
    await store.put('u1', bytesOf('u1', sessionId));
    return url;
  }

  test.each([...writes, 'import - --overwrite'])(
    '%s leaves the record of a user who is online, on a stock gate',
    async (words) => {
      const store = await storeNaming('alive');
      const stdin = JSON.stringify({uid: 'u1', value: base64('u1'), expiresAt: null, expiresKnown: true});
      const before = await readRecord(store);
      const refused = await gatectl(`records ${words} --store ${store}`, {gates: [stock()], stdin});
      expect(refused.code).toBe(words.startsWith('import') ? 3 : 1);
      expect(refused.err).toContain('"u1" is online on Gate@a');
      expect(await readRecord(store)).toEqual(before);
      if (words.startsWith('delete')) return;
      const run = await gatectl(`records ${words} --while-online --store ${store}`, {
        gates: [stock()],
        stdin,
      });
      expect(run.code).toBe(0);
    },
  );

  test('checks the session named in the record when IsConnect finds none', async () => {
    const named = await storeNaming('alive');
    expect(await gatectl(`records delete u1 --yes --store ${named}`, {gates: [stock(true)]})).toMatchObject({
      code: 1,
    });
    const gone = await storeNaming('ended');
    expect(await gatectl(`records delete u1 --yes --store ${gone}`, {gates: [stock(true)]})).toMatchObject({
      code: 0,
    });
  });

  test('delete --kick kicks the session that the record names, on a stock gate', async () => {
    const gate = stock();
    const store = await storeNaming('alive');
    const run = await gatectl(`records delete u1 --kick --yes --store ${store}`, {gates: [gate]});
    expect(run, run.err).toMatchObject({code: 0, err: expect.stringContaining('Gate@a/alive closed')});
    expect(gate.rows.size).toBe(0);
  });

  test.each(['--while-online', '--online-too'])(
    'A6: delete %s kicks no session, and names the command that does',
    async (flag) => {
      const gate = stock();
      const store = await storeNaming('alive');
      const run = await gatectl(`records delete u1 ${flag} --yes --store ${store}`, {gates: [gate]});
      expect(run).toMatchObject({code: 0, err: expect.stringContaining('warning: "u1" is online on Gate@a')});
      expect(run.err).toContain(`to prevent that: gatectl records delete u1 --kick --store ${store}`);
      expect(gate.rows.size).toBe(1);
      expect(await readRecord(store)).toBeUndefined();
      expect(await gatectl(`records delete u1 ${flag} --kick --yes`, {gates: [gate]})).toMatchObject({
        code: 2,
      });
    },
  );

  test('delete --while-online wants more than y for a user who is online', async () => {
    const store = await storeNaming('alive');
    const line = `records delete u1 --while-online --store ${store}`;
    const answer = (stdin: string, gate: FakeGate) => gatectl(line, {gates: [gate], stdin, terminal: 'all'});
    const asked = await answer('y\n', stock());
    expect(asked).toMatchObject({code: 6, err: expect.stringMatching(/online +on Gate@a, which writes/)});
    expect(await readRecord(store)).toBeDefined();
    expect(await answer('delete\n', stock())).toMatchObject({code: 0});
    expect(await readRecord(store)).toBeUndefined();
    const ended = await storeNaming('ended');
    const offline = await gatectl(`records delete u1 --while-online --store ${ended}`, {
      ...{gates: [stock(true)], stdin: 'y\n', terminal: 'all'},
    });
    expect(offline).toMatchObject({code: 0, err: expect.not.stringContaining('is online')});
  });

  test('delete --while-online of many deletes those who are online too', async () => {
    const store = await storeNaming('alive');
    const run = await gatectl(`records delete u1 u2 --while-online --yes --store ${store}`, {
      gates: [stock()],
    });
    expect(run, run.err).toMatchObject({code: 0});
    expect(await readRecord(store)).toBeUndefined();
  });

  test('delete --while-online names the gate that has written the record again', async () => {
    const gate = withRecord();
    gate.rows.set('alive', aRow({sessionId: 'alive', userId: 'u1', serverId: 'Gate@a'}));
    const remove = gate.recordDelete.bind(gate);
    gate.recordDelete = async (...args) => {
      const kept = gate.records.get('u1');
      const deleted = await remove(...args);
      if (kept !== undefined) gate.records.set('u1', kept);
      return deleted;
    };
    const run = await gatectl('records delete u1 --while-online --yes', {gates: [gate]});
    expect(run).toMatchObject({
      code: 3,
      err: expect.stringMatching(/was deleted, then recreated by Gate@a\n.*--kick/),
    });
  });

  test('delete --while-online warns of a gate that does not answer, and deletes', async () => {
    const silent = new FakeGate('Gate@b');
    silent.before = () => {
      throw new CallError({reason: 'timeout', node: 'Gate@b', fn: 'IsConnect'}, 'Gate@b: no answer in time');
    };
    const world = {gates: [new FakeGate('Gate@a'), silent]};
    const store = await storeNaming('alive');
    const refused = await gatectl(`records delete u1 --yes --store ${store}`, world);
    expect(refused).toMatchObject({
      code: 3,
      err: expect.stringContaining('pass --offline to skip the check'),
    });
    expect(await readRecord(store)).toBeDefined();
    const run = await gatectl(`records delete u1 --while-online --yes --store ${store}`, world);
    expect(run.code, run.err).toBe(0);
    expect(run.err).toMatch(/^warning: .*Gate@b/m);
    expect(await readRecord(store)).toBeUndefined();
  });

  test('delete --while-online is journaled also when the record has been written again', async () => {
    const gate = withRecord();
    const kept = gate.records.get('u1');
    const remove = gate.recordDelete.bind(gate);
    gate.recordDelete = async (...args) => {
      const deleted = await remove(...args);
      if (kept !== undefined) gate.records.set('u1', kept);
      return deleted;
    };
    const journal = memoryJournal();
    const run = await gatectl('records delete u1 --while-online --yes', {gates: [gate], journal});
    expect(run.code, run.err).toBe(3);
    expect(journal.lines).toContainEqual(
      expect.objectContaining({changes: [expect.objectContaining({target: 'record u1'})]}),
    );
  });

  test('set has no --kick, and kicks no session', async () => {
    for (const flag of ['--while-online', '--online-too']) {
      const gate = stock();
      const store = await storeNaming('alive');
      expect(await gatectl(`records set u1 b=2 ${flag} --store ${store}`, {gates: [gate]})).toMatchObject({
        code: 0,
      });
      expect(gate.rows.size).toBe(1);
    }
    expect(await gatectl('records set u1 b=2 --kick', {gates: []})).toMatchObject({code: 2});
  });

  const readRecord = async (url: string) => await (await openStore(url)).get('u1');
});

test('A2: exits 4 for a store that does not permit reading', async () => {
  const openRecords = async () => {
    const denied = async () => {
      throw new PermissionError('EACCES');
    };
    return {list: denied, get: denied, put: denied, delete: denied, close: async () => {}};
  };
  expect(await gatectl('records get u1 --store file:x', {openRecords})).toMatchObject({code: 4});
});

describe('confirmation of record writes', () => {
  const exported = (count: number) =>
    Array.from({length: count}, (_, at) => {
      const value = bytesOf(`u${at}`);
      return JSON.stringify({
        uid: `u${at}`,
        value: value.toString('base64'),
        bytes: value.length,
        expiresAt: null,
      });
    }).join('\n');

  test.each(['records delete u1', 'records set u1 b=2', 'records expire u1 10m'])(
    '%s --dry-run shows the record and writes nothing',
    async (line) => {
      const store = await storeOf('u1');
      const before = (await gatectl(`records get u1 --store ${store} -o json`, {gates: []})).out;
      const {code, out} = await gatectl(`${line} --dry-run --store ${store} -o json`, {gates: []});
      expect({code, out: JSON.parse(out)}).toEqual({
        code: 0,
        out: expect.objectContaining({uid: 'u1', would: true}),
      });
      expect((await gatectl(`records get u1 --store ${store} -o json`, {gates: []})).out).toBe(before);
    },
  );

  test('a dry run of set shows the new settings', async () => {
    const store = await storeOf('u1');
    const {out} = await gatectl(`records set u1 b=2 --dry-run --store ${store} -o json`, {gates: []});
    expect(JSON.parse(out).session.settings).toEqual({a: '1', b: '2'});
  });

  test.each([
    ['ttl=1h', 'gatectl records expire u1 1h'],
    ['Expires=never', 'gatectl records expire u1 never'],
    ['ttl=soon', ''],
    ['level=1h', ''],
  ])('set %s says how to change when the record expires: "%s"', async (pair, hint) => {
    const store = await storeOf('u1');
    const {code, err} = await gatectl(`records set u1 ${pair} --offline --store ${store}`, {gates: []});
    expect(code, err).toBe(0);
    if (hint === '') expect(err).not.toContain('records expire');
    else expect(err).toContain(`to change when the record expires: ${hint}\n`);
  });

  test('expire asks on a terminal before it sets an expiry, and not for "never"', async () => {
    const store = await storeOf('u1');
    const world = {gates: [], terminal: 'all', stdin: 'n\n'} as const;
    const refused = await gatectl(`records expire u1 10m --offline --store ${store}`, world);
    expect(refused).toMatchObject({
      code: 6,
      err: expect.stringContaining('let the record of uid "u1" expire in 10m? [y/N] '),
    });
    expect((await gatectl(`records expire u1 never --offline --store ${store}`, world)).err).not.toContain(
      '?',
    );
  });

  test('expire of an online user is asked on a terminal, and refused with --yes', async () => {
    const gate = new FakeGate('Gate@a', [aRow({userId: 'u1'})]);
    const value = encodeSession(newSession({userId: 'u1'}));
    gate.records.set('u1', {uid: 'u1', revision: '1', expiresAt: undefined, value});
    const world = {gates: [gate], terminal: 'all', stdin: 'y\n'} as const;
    const asked = await gatectl('records expire u1 10m', world);
    expect(asked.code, asked.err).toBe(0);
    expect(asked.err).toContain('online   Gate@a; the gate may extend the expiry\n');
    const refused = await gatectl('records expire u1 10m --yes', world);
    expect(refused).toMatchObject({code: 1, err: expect.stringContaining('--while-online')});
  });

  test('import writes many records concurrently, and two lines of a uid in order', async () => {
    const gate = new FakeGate('Gate@a');
    let [writing, most] = [0, 0];
    const put = gate.recordPut.bind(gate);
    gate.recordPut = async (uid, value, options) => {
      writing += 1;
      most = Math.max(most, writing);
      await new Promise((resolve) => setImmediate(resolve));
      writing -= 1;
      return await put(uid, value, options);
    };
    const line = (uid: string, settings: string) => {
      const value = encodeSession(newSession({userId: uid, settings: stringBag([['v', settings]])}));
      return JSON.stringify({uid, value: Buffer.from(value).toString('base64')});
    };
    const lines = Array.from({length: 250}, (_, at) => line(`u${at}`, 'first'));
    const stdin = [...lines, line('u249', 'last')].join('\n');
    const run = await gatectl('records import - --yes --overwrite --while-online', {gates: [gate], stdin});
    expect(run).toMatchObject({code: 0, out: '251\t0\t0\t0\n'});
    expect([most, gate.records.size]).toEqual([100, 250]);
    expect(Buffer.from(gate.records.get('u249')?.value ?? []).toString()).toContain('last');
  });

  test('import of many records requires --yes without a terminal', async () => {
    const store = await storeOf();
    const line = `records import - --offline --store ${store}`;
    const stdin = exported(11);
    expect(await gatectl(line, {gates: [], stdin})).toMatchObject({
      code: 2,
      err: expect.stringContaining('import 11 records into the store'),
    });
    const dry = await gatectl(`${line} --dry-run -o json`, {gates: [], stdin});
    expect(JSON.parse(dry.out)).toMatchObject({would: 'import', records: 11, expired: 0});
    expect((await gatectl(`records list --store ${store}`, {gates: []})).out).toBe('');
    expect((await gatectl(`${line} --yes`, {gates: [], stdin})).code).toBe(0);
    expect((await gatectl(`${line} --overwrite`, {gates: [], stdin: exported(10)})).code).toBe(0);
  });
});

describe('a store that is opened directly', () => {
  test('is named as a store when it is empty, lacks a record or refuses access', async () => {
    expect(await gatectl('records list --store memory:')).toMatchObject({
      code: 0,
      err: 'nothing found in 1 store\n',
    });
    const {out} = await gatectl('records list --store memory: -o json');
    expect(JSON.parse(out)).toMatchObject({
      complete: true,
      stores: [{node: 'memory:', status: 'ok', count: 0}],
    });
    expect(out).not.toContain('gate');
    expect(await gatectl('records get u1 --store memory:')).toMatchObject({
      code: 1,
      err: 'error: no record for uid "u1" in the store\nhint: gatectl records list --store memory:\n',
    });
  });

  test('counts as one store if its records cannot be read', async () => {
    await using folder = await temporaryFolder();
    await writeFile(`${folder.path}/x.json`, '{"u1": "no session"}');
    const {code, err} = await gatectl(`records get u1 --store jsonfile:${folder.path}/x.json`);
    expect({code, err}).toMatchObject({code: 3});
    const listed = await gatectl(`records list --store jsonfile:${folder.path}/x.json`);
    expect(listed.code).toBe(3);
    expect(listed.err).toContain('x.json: 1 record could not be read: "u1" (cannot decode it');
    expect(listed.err).not.toMatch(/\bgates?\b/);
  });
});

test('records list shows the chosen columns, settings among them', async () => {
  const store = await storeOf('u1', 'u2');
  const chosen = await gatectl(`records list --columns uid,settings.a,expires -o tsv --store ${store}`);
  expect(chosen).toMatchObject({code: 0, out: 'u1\t1\tnever\nu2\t1\tnever\n'});
  const json = await gatectl(
    `records list --columns uid,id,settings.a,expires -o json --store ${store} --limit 1`,
  );
  expect(JSON.parse(json.out).items).toEqual([
    {uid: 'u1', session: {id: expect.any(String), settings: {a: '1'}}, expiresAt: null},
  ]);
  expect(await gatectl(`records list --columns uids --store ${store}`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('unknown column "uids"'),
  });
});
