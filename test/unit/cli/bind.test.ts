import {describe, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl} from '../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';
const other = 'f00dfeedf00dfee0';
const writes = ['Bind', 'UnBind', 'Push', 'Set', 'Remove', 'Close', 'GatectlEdit'];

/** A session of u9, and u10 with a record and, when asked, a session on the other gate. */
function world({uid = 'u9', isOnline = false} = {}) {
  const settings = stringBag([
    ['room', 'lobby'],
    ['theme', 'dark'],
    ['User-Agent', 'phone'],
  ]);
  const a = new FakeGate('Gate@a', [aRow({sessionId: id, userId: uid, settings})]);
  const b = new FakeGate('Gate@b', isOnline ? [aRow({sessionId: other, userId: 'u10'})] : []);
  const stored = stringBag([
    ['theme', 'light'],
    ['level', '7'],
  ]);
  const value = encodeSession(aSession({userId: 'u10', settings: stored}));
  for (const gate of [a, b]) gate.records.set('u10', {uid: 'u10', value, revision: '1', expiresAt: 0});
  return {a, b, gates: [a, b]};
}

const bind = (some: CliWorld, ...flags: readonly string[]) => gatectl(['bind', id, 'u10', ...flags], some);
const sessionOf = (gate: FakeGate) => gate.rows.get(id)?.session;
const written = ({a, b}: ReturnType<typeof world>) =>
  [...a.calls, ...b.calls].filter((fn) => writes.includes(fn));

describe('bind', () => {
  test('D16: prints what it loads, keeps and leaks, then binds', async () => {
    const some = world();
    const {code, out, err} = await bind(some);
    expect(code).toBe(0);
    expect(err).toBe(
      [
        'loads "level" from the record of "u10"',
        'keeps "theme" as "dark"; overwrites "light" in the record',
        'warning: "room", "theme" of "u9" would be stored in the record of "u10"; to prevent this: --clear-settings',
        '',
      ].join('\n'),
    );
    expect(out).toContain('u9 -> u10');
    expect(sessionOf(some.a)?.settings).toMatchObject({room: 'lobby', theme: 'dark', level: '7'});
  });

  test('--clear-settings keeps the records of both users apart', async () => {
    const some = world();
    const before = some.a.records.get('u9');
    const {err} = await bind(some, '--clear-settings');
    expect(err).not.toContain('warning');
    expect({...sessionOf(some.a)?.settings}).toEqual({theme: 'light', level: '7', 'User-Agent': 'phone'});
    expect(some.a.records.get('u9')).toEqual(before);
    expect(written(some)).toEqual(['UnBind', 'GatectlEdit', 'Bind']);
  });

  test('D04: --dry-run prints the plan as data and writes nothing', async () => {
    const some = world({isOnline: true});
    const {code, out} = await bind(some, '--dry-run', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      would: true,
      uidBefore: 'u9',
      uid: 'u10',
      comesIn: {level: '7'},
      kept: [{key: 'theme', connection: 'dark', record: 'light'}],
      leaks: {room: 'lobby', theme: 'dark'},
      duplicates: [`Gate@b/${other}`],
      duplicatesComplete: true,
    });
    expect(written(some)).toEqual([]);
    const cells = (await bind(some, '--dry-run', '-o', 'tsv')).out.split('\t');
    expect(cells.slice(2, 8)).toEqual([
      'u9 -> u10',
      '-',
      'level=7',
      'theme=dark, not light',
      'room=lobby, theme=dark',
      `Gate@b/${other}`,
    ]);
  });

  test('--if-bound refuse exits 5 for the session of another uid, and binds the same uid again', async () => {
    const some = world();
    expect(await bind(some, '--if-bound', 'refuse')).toMatchObject({
      code: 5,
      err: expect.stringContaining('is bound to "u9"'),
    });
    expect(written(some)).toEqual([]);
    for (const uid of ['', 'u10']) expect((await bind(world({uid}), '--if-bound', 'refuse')).code).toBe(0);
  });

  test('warns of, refuses or takes over a duplicate uid', async () => {
    const allowed = world({isOnline: true});
    expect(await bind(allowed)).toMatchObject({
      code: 0,
      err: expect.stringContaining(`duplicate uid: "u10" is also bound to Gate@b/${other}`),
    });
    const refused = world({isOnline: true});
    expect((await bind(refused, '--duplicate', 'refuse')).code).toBe(5);
    expect(written(refused)).toEqual([]);
    const taken = world({isOnline: true});
    expect(await bind(taken, '--duplicate', 'takeover')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    });
    expect((await bind({...taken, terminal: 'all', stdin: 'n\n'}, '--duplicate', 'takeover')).code).toBe(6);
    expect(written(taken)).toEqual([]);
    expect((await bind(taken, '--duplicate', 'takeover', '--yes')).code).toBe(0);
    expect(taken.b.rows.size).toBe(0);
    expect(sessionOf(taken.a)?.userId).toBe('u10');
  });

  test('warns of a gate that cannot report duplicates, and stops for refuse and takeover', async () => {
    const some = world({isOnline: true});
    some.b.stock = true;
    expect((await bind(some, '--duplicate', 'refuse')).code).toBe(3);
    expect(written(some)).toEqual([]);
    expect((await bind(some)).err).toContain('"u10" may have other sessions: 1 of 2 gates cannot tell');
  });

  test('binds on stock gates with --duplicate refuse if there is no duplicate', async () => {
    const some = world();
    for (const gate of some.gates) gate.stock = true;
    const {code, err} = await bind(some, '--duplicate', 'refuse');
    expect(code).toBe(0);
    expect(err).toContain('cannot tell what the record of "u10" adds');
  });
});
