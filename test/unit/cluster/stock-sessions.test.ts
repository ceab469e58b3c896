import {describe, expect, test} from 'vitest';
import {CallError} from '../../../src/base/errors.js';
import {parseSelector} from '../../../src/selector/selector.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {callBytes, caller, resultBytes, span, text} from '../../support/envelopes.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {fakeCluster, gatectl} from '../../support/run-cli.js';
import {TapBus} from '../../support/tap-bus.js';

/** A stock gate with sessions, beside one of ours behind which records are kept. */
function cluster() {
  const stock = new FakeGate('Gate@go', [
    aRow({sessionId: 's1', userId: 'u1', serverId: 'Gate@go'}),
    aRow({sessionId: 's2', userId: 'u2', serverId: 'Gate@go'}),
    aRow({sessionId: 's3', userId: '', serverId: 'Gate@go'}),
  ]);
  stock.stock = true;
  const ours = new FakeGate('Gate@ts', [aRow({sessionId: 't1', userId: 'u9', serverId: 'Gate@ts'})]);
  const record = (uid: string, sessionId: string, serverId: string) => {
    const value = encodeSession(aSession({sessionId, userId: uid, serverId}));
    ours.records.set(uid, {uid, value, revision: '1', expiresAt: 0});
  };
  record('u1', 's1', 'Gate@go');
  record('gone', 's0', 'Gate@go'); // its session has ended
  record('away', 'x', 'Gate@nowhere');
  record('u9', 't1', 'Gate@ts');
  ours.records.set('bad', {uid: 'bad', value: Buffer.from('\xff'), revision: '1', expiresAt: 0});
  const of = (id: string, userId: string) =>
    ({type: 'SESSION', value: aSession({sessionId: id, userId, serverId: 'Gate@go'})}) as const;
  const tapBus = new TapBus([
    ['_INBOX.module', callBytes('1', 'HD_say', [of('s1', 'u1'), text('hi')])],
    ['_INBOX.module', callBytes('2', 'HD_say', [of('s3', '')])],
    ['_INBOX.gate', callBytes('3', 'Update', [span, text('s2')])],
    [caller, resultBytes('3', of('s2', 'u2'))],
    ['_INBOX.module', callBytes('4', 'HD_say', [of('ended', 'u5')])],
    [caller, Buffer.from('{"no":"envelope"}')],
  ]);
  return {gates: [ours, stock], stock, ours, tapBus};
}

describe('sessions of gates that cannot list', () => {
  const ids = (out: string) =>
    (JSON.parse(out) as {items: {id: string; source: string}[]}).items
      .map(({id, source}) => `${id} ${source}`)
      .sort();

  test('come from records and the bus, confirmed by their gate, in an incomplete list', async () => {
    const {code, out, err} = await gatectl('sessions list --records --tap 20ms -o json', cluster());
    expect(ids(out)).toEqual(['s1 record', 's2 tap', 's3 tap', 't1 gate']);
    expect(JSON.parse(out)).toMatchObject({
      complete: false,
      items: expect.arrayContaining([
        expect.objectContaining({
          id: 's1',
          gate: 'Gate@go',
          connectedAt: null,
          received: null,
          source: 'record',
        }),
        expect.objectContaining({id: 't1', received: 3, source: 'gate'}),
      ]),
      gates: expect.arrayContaining([
        expect.objectContaining({node: 'Gate@go', reason: 'unsupported', count: 3}),
      ]),
    });
    expect(err).toContain(
      'Gate@go is a stock mqant gate: 3 of its sessions are known, and there may be others',
    );
    expect(code).toBe(3);
    expect((await gatectl('sessions list --records --allow-partial', cluster())).code).toBe(0);
  });

  test('are not searched by default, and the option is named', async () => {
    const world = cluster();
    const {code, out, err} = await gatectl('sessions list -o ids', world);
    expect({code, out}).toEqual({code: 3, out: 'Gate@ts/t1\n'});
    expect(err).toContain('--tap 10s');
    expect(world.stock.calls).not.toContain('Update');
    expect(world.tapBus.subscriptions).toBe(0);
  });

  test('are filtered, sorted and limited like others', async () => {
    const run = async (line: string) =>
      (await gatectl(`sessions list --tap 20ms -o ids ${line}`, cluster())).out;
    expect(await run('--guest')).toBe('Gate@go/s3\n');
    expect(await run('--sort -uid --limit 2')).toBe('Gate@ts/t1\nGate@go/s2\n');
    expect((await run('--limit 3')).split('\n')).toHaveLength(4);
    expect(await run('--older-than 1s')).toBe('Gate@ts/t1\n');
    const where = await parseSelector('!(received > 1)');
    const {gates, tapBus} = cluster();
    const {rows} = await fakeCluster(gates, tapBus, undefined, {tapMs: 20}).list({where});
    for await (const row of rows) expect(row).toBeUndefined(); // what is not known matches nothing
  });

  test('need no bus traffic when every gate can list', async () => {
    const {ours, tapBus} = cluster();
    const {code} = await gatectl('sessions list --tap 20ms', {gates: [ours], tapBus});
    expect(code).toBe(0);
    expect(tapBus.published).toEqual([]);
  });

  test('report a silent gate, and stop asking it', async () => {
    const world = cluster();
    world.stock.before = (fn) => {
      if (fn !== 'Update') return;
      throw new CallError({reason: 'timeout', node: 'Gate@go', fn}, 'Gate@go did not answer within 2000 ms');
    };
    for (let at = 0; at < 100; at += 1) {
      const value = encodeSession(aSession({sessionId: `many${at}`, serverId: 'Gate@go'}));
      world.ours.records.set(`many${at}`, {uid: `many${at}`, value, revision: '1', expiresAt: 0});
    }
    const {code, err} = await gatectl('sessions list --records --tap 20ms -o ids', world);
    expect(err).toContain('1 of 2 gates did not answer (Gate@go did not answer within 2000 ms)');
    expect(code).toBe(3);
    expect(world.stock.calls.filter((fn) => fn === 'Update').length).toBeLessThanOrEqual(32);
  });

  test('report an unreadable store', async () => {
    const world = cluster();
    world.ours.before = (fn) => {
      if (fn === 'GatectlRecordList')
        throw new CallError({reason: 'refused', node: 'Gate@ts', fn}, 'Gate@ts refused: the store is away');
    };
    const {err} = await gatectl('sessions list --records -o ids', world);
    expect(err).toContain('there may be others (Gate@ts refused: the store is away)');
  });
});

describe('sessions of a uid on gates that cannot list them', () => {
  test.each([
    ['u1', '--records', 3, 'Gate@go/s1\n'],
    ['u2', '--records', 3, ''],
    ['u2', '--tap 20ms', 3, 'Gate@go/s2\n'],
    ['gone', '--records', 1, ''],
    ['u9', '--records', 0, 'Gate@ts/t1\n'],
  ])('%s with %s: exit %i', async (uid, flags, code, out) => {
    const outcome = await gatectl(`sessions find ${uid} ${flags} -o ids`, cluster());
    expect(outcome).toMatchObject({code, out});
  });

  test('fall back to the answer of IsConnect', async () => {
    const {err, code} = await gatectl('sessions find u2', cluster());
    expect(err).toContain(
      'Gate@go is a stock mqant gate: it has no GatectlFind, so it cannot tell which connection of "u2" it has',
    );
    expect(code).toBe(3);
    expect(await gatectl('sessions find nobody', cluster())).toMatchObject({code: 1});
  });

  test('end a tap as soon as each gate that has the uid has named a session', async () => {
    const found = await gatectl('sessions find u1 u2 --tap 10m -o ids', cluster());
    expect(found).toMatchObject({code: 3, out: 'Gate@go/s1\nGate@go/s2\n'});
  });

  test('need no tap when no gate has a connection of the uid', async () => {
    const world = cluster();
    const listed = await gatectl('sessions list --uid nobody --tap 10m', world);
    expect(listed).toMatchObject({code: 0, err: 'nothing found on 2 gates\n'});
    expect(await gatectl('sessions kick --uid nobody --tap 10m --yes', world)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no matching sessions'),
    });
    expect(world.tapBus.published).toEqual([]);
  });

  test('refuse a bind to a uid that a known session has, even if there may be others', async () => {
    const world = cluster();
    const {code, err} = await gatectl('bind Gate@go/s3 u2 --duplicate refuse --tap 20ms', world);
    expect({code, err}).toMatchObject({code: 5, err: expect.stringContaining('"u2" is bound to Gate@go/s2')});
    expect(world.stock.rows.get('s3')?.session.userId).toBe('');
  });

  const known = 'hint: these sessions are known and can be used by id: Gate@go/s2\n';
  test.each([
    'sessions get uid:u2',
    'send uid:u2 t b',
    'sessions kick uid:u2 --yes',
    'settings get uid:u2 a',
  ])('%s names the known session', async (line) => {
    const {code, err} = await gatectl(`${line} --tap 10m`, cluster());
    expect({code, err}).toMatchObject({code: 3, err: expect.stringContaining(known)});
  });

  test.each([
    'sessions get uid:u4',
    'send uid:u4 t b',
    'sessions kick uid:u4 --yes',
    'sessions kick --uid u4 --yes',
    'sessions list --uid u4',
    'sessions count --uid u4',
  ])('%s says "online, session unknown", with the next step', async (line) => {
    const world = cluster();
    world.stock.rows.set('s4', aRow({sessionId: 's4', userId: 'u4', serverId: 'Gate@go'}));
    const {code, err} = await gatectl(`${line} --tap 20ms`, world);
    expect({code, err}).toMatchObject({
      code: 3,
      err: expect.stringContaining('"u4" is online, session unknown'),
    });
    expect(err).toMatch(/hint: .*--tap/);
  });
});
