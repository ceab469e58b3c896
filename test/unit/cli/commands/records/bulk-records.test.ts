import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {CallError, InterruptedError} from '../../../../../src/base/errors.js';
import {encodeSession} from '../../../../../src/session/codec/session-protobuf.js';
import {newSession} from '../../../../../src/session/session.js';
import {openStore} from '../../../../../src/storage/open-store.js';
import {aRow, FakeGate} from '../../../../support/fake-gate.js';
import {gatectl} from '../../../../support/run-cli.js';
import {temporaryFolder} from '../../../../support/temp.js';

const bytesOf = (uid: string): Buffer =>
  Buffer.from(encodeSession(newSession({userId: uid, sessionId: 'gone', serverId: 'Gate@a'})));

/** A gate with records of the users `u0…`, of whom u3 is online. */
function aGate(count: number): FakeGate {
  const gate = new FakeGate('Gate@a', [aRow({sessionId: 'online', userId: 'u3'})]);
  for (let at = 0; at < count; at += 1)
    gate.records.set(`u${at}`, {uid: `u${at}`, value: bytesOf(`u${at}`), revision: '1', expiresAt: 0});
  return gate;
}
const listOf = (from: number, to: number): string =>
  Array.from({length: to - from}, (_, at) => `u${from + at}`).join('\n');

describe('records of many uids', () => {
  test('get shows each record, names the missing ones and exits with 1', async () => {
    const gate = aGate(5);
    const json = '{"uid":"u2","readBy":"x"}\n{"summary":{"version":1}}\n';
    const {code, out, err} = await gatectl('records get u1 - u9', {
      gates: [gate],
      stdin: `u1\n${json}u4`,
    });
    expect(code).toBe(1);
    expect(out.match(/^u\d/gm)).toEqual(['u1', 'u2', 'u4']);
    expect(err).toBe('no record for uid "u9"\n');
    const all = await gatectl('records get u1 u2 -o json', {gates: [gate]});
    expect([all.code, JSON.parse(all.out).items.length]).toEqual([0, 2]);
  });

  test('delete asks for the count above ten, and skips online users', async () => {
    const gate = aGate(20);
    const stdin = `${listOf(0, 12)}\nnobody`;
    const asked = await gatectl('records delete - --yes', {gates: [gate], stdin});
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('--yes --expect 13')]);
    expect(gate.records.size).toBe(20);
    const {code, out, err} = await gatectl('records delete - --yes --expect 13', {gates: [gate], stdin});
    expect([code, gate.records.size]).toEqual([1, 9]);
    expect(err).toContain('delete: 11 done, 1 gone, 1 failed of 13 records');
    expect(out).toContain('u3\tfailed\t"u3" is online on Gate@a');
    expect(out).toContain('nobody\tgone');
    const kicked = await gatectl('records delete u3 u4 --yes --kick', {gates: [gate]});
    expect([kicked.code, gate.records.size, gate.rows.size]).toEqual([0, 8, 0]);
  });

  test('delete --dry-run and an invalid list delete nothing', async () => {
    const gate = aGate(5);
    const dry = await gatectl('records delete u1 u2 --dry-run', {gates: [gate]});
    expect([dry.code, dry.out, dry.err]).toEqual([
      0,
      'u1\nu2\n',
      'would delete 2 records; nothing was sent\n',
    ]);
    const row = await gatectl('records delete - --yes', {gates: [gate], stdin: 'u1\tprotobuf\t12'});
    expect([row.code, row.err]).toEqual([
      2,
      expect.stringContaining('it has a tab, as a row of a listing has'),
    ]);
    const bad = await gatectl('records delete - --yes', {gates: [gate], stdin: 'u1\n{"id":"x"}\nu2'});
    expect([bad.code, bad.err]).toEqual([
      2,
      expect.stringContaining('line 2: expected "uid" in the JSON object'),
    ]);
    expect(gate.records.size).toBe(5);
    for (const line of ['records delete', 'records get'])
      expect((await gatectl(`${line} --yes`, {gates: [gate]})).err).toContain('missing uid');
  });

  test('expire sets each expiry', async () => {
    const gate = aGate(5);
    const {code, err} = await gatectl('records expire u1 u2 u3 u9 10m --yes', {gates: [gate]});
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('expire: 2 done, 1 gone, 1 failed of 4 records'),
    ]);
    expect([...gate.records.values()].map(({expiresAt}) => (expiresAt ?? 0) > 0)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  test('are written on a store without gates', async () => {
    await using folder = await temporaryFolder();
    const url = `file:${folder.path}/store`;
    const store = await openStore(url);
    for (const uid of ['u1', 'u2', 'u3']) await store.put(uid, bytesOf(uid));
    await store.close();
    const {code, out} = await gatectl(`records delete u1 u2 u7 --yes --store ${url} --offline -o ids`);
    expect([code, out.split('\n').sort()]).toEqual([0, ['', 'u1', 'u2', 'u7']]);
    expect((await gatectl(`records list --store ${url} -o ids`)).out).toBe('u3\n');
  });

  test('Ctrl-C stops a delete, and --resume deletes exactly the rest', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'deleted.jsonl');
    const gate = aGate(100);
    gate.rows.clear();
    const stop = new AbortController();
    let deletes = 0;
    gate.before = (fn) => {
      if (fn === 'GatectlRecordDelete') deletes += 1;
      if (deletes === 30) stop.abort(new InterruptedError('SIGINT'));
    };
    const line = `records delete - --yes --expect 100 --rate 0 --outcome ${file}`;
    expect((await gatectl(line, {gates: [gate], stdin: listOf(0, 100), signal: stop.signal})).code).toBe(130);
    const done = readFileSync(file, 'utf8').match(/"state":"done"/g)?.length ?? 0;
    const before = deletes;
    const rest = await gatectl(`records delete --resume ${file} --yes --expect ${100 - done} --rate 0`, {
      gates: [gate],
    });
    expect([rest.code, gate.records.size, deletes - before]).toEqual([0, 0, 100 - before]);
  });

  test.each([
    ['delete - --kick --yes', 'delete', 0],
    ['expire - 10m', 'expire', 3],
  ])('records %s --plan writes nothing, and apply runs it', async (line, verb, left) => {
    await using folder = await temporaryFolder();
    const plan = path.join(folder.path, 'records.plan');
    const gates = [aGate(3)] as const;
    const planned = await gatectl(`records ${line} --plan ${plan}`, {gates, stdin: 'u0\nu1\nu2\nu9'});
    expect(planned).toMatchObject({
      code: 0,
      err: expect.stringMatching(
        `no record for uid "u9"\\n(.*\\n)?would ${verb} 3 records; nothing was sent\\n`,
      ),
    });
    expect([...gates[0].records.values()].map(({expiresAt}) => expiresAt)).toEqual([0, 0, 0]);
    const [first] = gates[0].records.values();
    gates[0].records.set('u0', {...(first as NonNullable<typeof first>), revision: '7'});
    const stopped = await gatectl(`apply ${plan} --yes`, {gates});
    expect(stopped).toMatchObject({
      code: 5,
      err: expect.stringContaining('1 of 3 records changed since the plan'),
    });
    expect(stopped.err).toContain('u0: the revision is now 7, not 1');
    expect(gates[0].records.size).toBe(3);
    const applied = await gatectl(`apply ${plan} --yes --max-drift 1`, {gates});
    expect(applied).toMatchObject({code: 0, err: expect.stringContaining(`${verb}: 3 done of 3 records`)});
    expect(gates[0].records.size).toBe(left);
    for (const {expiresAt} of gates[0].records.values()) expect(expiresAt).toBe(600_000);
  });

  test('a plan about a store holds no password, and apply asks for its URL', async () => {
    await using folder = await temporaryFolder();
    const [url, plan] = [`file:${folder.path}/store`, path.join(folder.path, 'records.plan')];
    const store = await openStore(url);
    await store.put('u1', bytesOf('u1'));
    await store.close();
    const rest = `--store ${url} --offline`;
    const planned = await gatectl(`records delete u1 --plan ${plan} ${rest}`);
    expect(planned).toMatchObject({code: 0, err: expect.stringContaining(`apply ${plan} --store <url>`)});
    expect(await gatectl(`apply ${plan} --yes`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/the plan is for the store "file:.*\nhint: pass the URL of that store/),
    });
    expect(await gatectl(`apply ${plan} --yes --store ${url}`)).toMatchObject({code: 0});
    expect((await gatectl(`records list --store ${url} -o ids`)).out).toBe('');
  });

  test('a silent gate stops a delete before anything is sent', async () => {
    const gate = aGate(5);
    gate.before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@a', fn}, 'Gate@a did not answer within 2000 ms');
    };
    const {code} = await gatectl('records delete u1 u2 --yes', {gates: [gate]});
    expect([code, gate.records.size]).toEqual([1, 5]);
  });
});
