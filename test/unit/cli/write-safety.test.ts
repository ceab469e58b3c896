import {createHash} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {OutcomeUnknownError} from '../../../src/base/errors.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {stringBag} from '../../../src/session/session.js';
import {FakeBus} from '../../support/fake-bus.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gateClientOn} from '../../support/gate-caller.js';
import {gatectl} from '../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';
const aGate = (): FakeGate => new FakeGate('Gate@a', [aRow({sessionId: id, userId: 'neo'})]);
const reads = new Set(['Update', 'GatectlList', 'GatectlFind', 'GatectlCount', 'GatectlInfo', 'IsConnect']);
const written = (gate: FakeGate): readonly string[] => gate.calls.filter((fn) => !reads.has(fn));

describe('D02: a confirmation requires a terminal on stdin and stderr', () => {
  test.each([
    ['stdin is a terminal, stderr is not', ['in', 'out'], ''],
    ['stdin is a pipe that says yes', ['out', 'err'], 'y\ny\ny\n'],
    ['nothing is a terminal', [], 'y\n'],
  ] as const)('%s: exit 2, and --yes is named', async (_, terminal, stdin) => {
    for (const line of [
      ['sessions', 'kick', id],
      ['sessions', 'kick', '--all'],
      ['records', 'delete', 'neo', '--kick'],
    ]) {
      const gate = aGate();
      const {code, err} = await gatectl(line, {gates: [gate], terminal, stdin});
      expect({line, code, err}).toEqual({line, code: 2, err: expect.stringContaining('--yes')});
      expect(written(gate)).toEqual([]);
    }
  });

  test('asks on stderr when stdout is a pipe, which gets only data', async () => {
    const world = {gates: [aGate()], terminal: ['in', 'err'], stdin: 'y\n'} as const;
    const {code, out, err} = await gatectl(['sessions', 'kick', id, '-o', 'json'], world);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({id, state: 'closed'});
    expect(err).toContain('[y/N]');
  });
});

test('C8: the outcome is unknown if the storage of the gate did not answer', async () => {
  const bus = new FakeBus();
  const gate = aGate();
  gate.before = (fn) => {
    if (fn.startsWith('GatectlRecord')) throw new OutcomeUnknownError('Redis: Command timed out');
  };
  const serve = gateCallHandler({gate, pages: gate, type: 'Gate'});
  for (const fn of ['GatectlRecordDelete', 'GatectlRecordPut'])
    new Responder({bus, address: `mqant.gate.Gate.a.${fn}`, serve});
  const client = gateClientOn(bus, 'Gate@a');
  for (const write of [client.recordDelete('neo'), client.recordPut('neo', new Uint8Array(0))]) {
    await expect(write).rejects.toThrow(OutcomeUnknownError);
    await expect(write).rejects.toThrow(/Gate@a does not know the outcome of .*: Redis: Command timed out/);
  }
});

describe('D10: a kick closes a session, not a user', () => {
  test('exits 1 for a session that is gone, and 0 with --ignore-missing', async () => {
    const world = {gates: [aGate()]};
    expect((await gatectl(['sessions', 'kick', id, '--yes'], world)).code).toBe(0);
    expect(await gatectl(['sessions', 'kick', id, '--yes'], world)).toMatchObject({
      code: 1,
      err: expect.stringContaining('no session'),
    });
    const again = await gatectl(['sessions', 'kick', id, '--yes', '--ignore-missing'], world);
    expect(again).toMatchObject({code: 0, out: ''});
    expect(again.err).toContain('no session');
  });

  test('--ignore-missing does not treat a silent gate as absence', async () => {
    const silent = Object.assign(new FakeGate('Gate@b'), {stock: false});
    silent.before = () => {
      throw new Error('boom');
    };
    const line = ['sessions', 'kick', 'ffffffffffffffff', '--yes', '--ignore-missing'];
    expect((await gatectl(line, {gates: [aGate(), silent]})).code).not.toBe(0);
  });

  test('leaves the new session of a reconnected client alone', async () => {
    const gate = aGate();
    gate.rows.clear();
    gate.add(aRow({sessionId: 'cafecafecafecafe', userId: 'neo'}));
    expect((await gatectl(['sessions', 'kick', id, '--yes'], {gates: [gate]})).code).toBe(1);
    expect([...gate.rows.keys()]).toEqual(['cafecafecafecafe']);
  });
});

describe('D14: settings with reserved names', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a.b', ' ', 'k'.repeat(64 * 1024)])(
    '%#',
    async (key) => {
      const world = {gates: [aGate()]};
      expect((await gatectl(['settings', 'set', id, `${key}=v`], world)).code).toBe(0);
      const {out} = await gatectl(['settings', 'list', id, '-o', 'json'], world);
      expect(Object.entries(JSON.parse(out).settings)).toContainEqual([key, 'v']);
      expect((await gatectl(['settings', 'get', id, key], world)).out).toBe('v\n');
      expect((await gatectl(['settings', 'unset', id, key], world)).code).toBe(0);
      expect((await gatectl(['settings', 'get', id, key], world)).code).toBe(1);
      expect(({} as {v?: unknown}).v).toBeUndefined();
    },
  );

  test.each(['=v', '\ud800=v', 'k=\udfff'])('%j is refused before anything is sent', async (pair) => {
    const gate = aGate();
    expect((await gatectl(['settings', 'set', id, pair], {gates: [gate]})).code).toBe(2);
    expect(written(gate)).toEqual([]);
  });
});

describe('D21: the body of a push', () => {
  test.each(['', 'a/+', '#', 'a\0b', 'x'.repeat(65_536), '\ud800'])(
    'topic %# is refused with the reason, and no gate is called',
    async (topic) => {
      const gate = aGate();
      for (const line of [
        ['send', id, topic, 'x'],
        ['broadcast', topic, 'x'],
      ]) {
        const {code, err} = await gatectl(line, {gates: [gate]});
        expect({code, err}).toEqual({code: 2, err: expect.stringMatching(/^error: topic/)});
      }
      expect(gate.calls).toEqual([]);
    },
  );

  test('is refused above the limit', async () => {
    const gate = aGate();
    const stdin = Buffer.alloc(65 * 1024 * 1024);
    const {code} = await gatectl(['send', id, '/t', '--stdin'], {gates: [gate], stdin});
    expect(code).toBe(2);
    expect(written(gate)).toEqual([]);
  });

  test('is delivered unchanged for any bytes, also if empty', async () => {
    const bus = new FakeBus();
    const gate = aGate();
    const bodies: Buffer[] = [];
    gate.send = async (_id, _topic, body) => void bodies.push(Buffer.from(body));
    new Responder({
      bus,
      address: 'mqant.gate.Gate.a',
      serve: gateCallHandler({gate, pages: gate, type: 'Gate'}),
    });
    new Responder({
      bus,
      address: 'mqant.gate.Gate.a.Send',
      serve: gateCallHandler({gate, pages: gate, type: 'Gate'}),
    });
    const client = gateClientOn(bus, 'Gate@a');
    const all = Buffer.from(Array.from({length: 70_000}, (_, at) => (at * 31) % 256));
    for (const body of [all, Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0x00])])
      await client.send(id, '/t', body);
    const sums = (some: readonly Buffer[]) =>
      some.map((one) => createHash('sha256').update(one).digest('hex'));
    expect(sums(bodies)).toEqual(sums([all, Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0x00])]));
  });
});

describe('D22: push to a uid', () => {
  test('exits 1 without a session, and asks with both names if there are two', async () => {
    const gate = aGate();
    gate.add(aRow({sessionId: 'cafecafecafecafe', userId: 'neo'}));
    expect((await gatectl(['send', '--uid', 'nobody', '/t', 'x'], {gates: [gate]})).code).toBe(1);
    expect(gate.sent).toEqual([]);
    const unsure = await gatectl(['send', '--uid', 'neo', '/t', 'x'], {gates: [gate]});
    expect(unsure.code).toBe(2);
    expect(unsure.err).toContain('"send to 2 sessions?" (neo (Gate@a/');
    expect(unsure.err).toContain('--expect 2');
    const no = await gatectl(['send', '--uid', 'neo', '/t', 'x'], {
      gates: [gate],
      terminal: 'all',
      stdin: 'n\n',
    });
    expect(no.code).toBe(6);
    expect(gate.sent).toEqual([]);
    const {code, out} = await gatectl(['send', '--uid', 'neo', '--expect', '2', '/t', 'x'], {gates: [gate]});
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')[0])
        .sort(),
    ).toEqual(['cafecafecafecafe', id]);
    const one = await gatectl(['send', '--uid', 'neo', '--expect', '1', '/t', 'x'], {gates: [gate]});
    expect(one.code).toBe(6);
    expect(gate.sent).toHaveLength(2);
    expect((await gatectl(['send', '--uid', 'neo', '--yes', '/t', 'x'], {gates: [gate]})).code).toBe(0);
    expect(gate.sent).toHaveLength(4);
  });
});

test('D23: serialises writes to one session, and runs others concurrently', async () => {
  const bus = new FakeBus();
  const gate = new FakeGate(
    'Gate@a',
    ['s1', 's2'].map((sessionId) => aRow({sessionId})),
  );
  const under = new Map<string, number>();
  let [most, together] = [0, 0];
  const slow = async (sessionId: string) => {
    under.set(sessionId, (under.get(sessionId) ?? 0) + 1);
    most = Math.max(most, under.get(sessionId) ?? 0);
    together = Math.max(together, [...under.values()].filter((count) => count > 0).length);
    await new Promise((resolve) => setImmediate(resolve));
    under.set(sessionId, (under.get(sessionId) ?? 0) - 1);
    return (await gate.update(sessionId)) as never;
  };
  Object.assign(gate, {
    bind: slow,
    unbind: slow,
    push: slow,
    set: slow,
    remove: slow,
    send: slow,
    edit: slow,
  });
  const serve = gateCallHandler({gate, pages: gate, type: 'Gate'});
  for (const fn of ['Bind', 'UnBind', 'Push', 'Set', 'Remove', 'Send', 'GatectlEdit', 'Update'])
    new Responder({bus, address: `mqant.gate.Gate.a.${fn}`, serve});
  const client = gateClientOn(bus, 'Gate@a');
  const edit = {set: stringBag([['a', 'b']]), unset: [], expected: {}};
  await Promise.all(
    ['s1', 's2'].flatMap((sessionId) =>
      Array.from({length: 20}, () => [
        client.bind(sessionId, 'neo'),
        client.push(sessionId, stringBag([['a', 'b']])),
        client.set(sessionId, 'a', 'b'),
        client.remove(sessionId, 'a'),
        client.send(sessionId, '/t', Buffer.from('x')),
        client.edit(sessionId, edit),
        client.unbind(sessionId),
      ]).flat(),
    ),
  );
  expect(most).toBe(1);
  expect(together).toBe(2);
});
