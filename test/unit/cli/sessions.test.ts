import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {CallError, InterruptedError} from '../../../src/base/errors.js';
import {stringBag} from '../../../src/session/session.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

/** Nine sessions on two gates; the second does not filter by itself. */
function halls(): readonly FakeGate[] {
  const gates = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
  const [, second] = gates;
  if (second !== undefined) second.filters = false;
  for (const gate of gates) gate.pageSize = 2;
  for (let at = 1; at <= 9; at += 1) {
    const room = at % 3 === 0 ? 'lobby' : 'hall';
    gates[at % 2]?.add(
      aRow(
        {
          sessionId: `s${at}`,
          userId: at < 7 ? `u${at}` : '',
          settings: stringBag(at === 5 ? [] : [['room', room]]),
          network: at % 4 === 0 ? 'websocket' : 'tcp',
          ip: `10.0.${at}.1:50`,
        },
        {received: at * 10, sent: 100 - at, connectedAt: 1_000, lastActiveAt: 3_000 - at},
      ),
    );
  }
  return gates;
}

const ids = async (line: readonly string[]): Promise<string> => {
  const {code, out, err} = await gatectl(['sessions', 'list', '-o', 'ids', ...line], {
    gates: halls(),
    now: 3_000,
  });
  expect({code, err}).toEqual({code: 0, err: ''});
  return out
    .replaceAll(/Gate@\w\//g, '')
    .trim()
    .split('\n')
    .sort()
    .join(' ');
};

describe('sessions list', () => {
  test.each([
    [['--where', 'settings.room == "lobby"'], 's3 s6 s9'],
    [['--setting', 'room=lobby', '--guest'], 's9'],
    [['--setting', '!room'], 's5'],
    [['--setting', 'room!=lobby', '--setting', 'room'], 's1 s2 s4 s7 s8'],
    [['--uid', 'u1', '--uid', 'u2'], 's1 s2'],
    [['--network', 'websocket'], 's4 s8'],
    [['--ip', '10.0.4.0/22'], 's4 s5 s6 s7'],
    [['--gate', 'Gate@a', '--where', 'received > 50'], 's6 s8'],
    [['--older-than', '1s'], 's1 s2 s3 s4 s5 s6 s7 s8 s9'],
    [['--where', 'guest // all of them', '--where', 'sent < 93'], 's8 s9'],
    [['--where', 'uid == "u1" || uid == "u2"', '--gate', 'Gate@b'], 's1'],
  ])('%j gives %s, from gates that filter and from those that do not', async (line, expected) => {
    expect(await ids(line)).toBe(expected);
  });

  test('sorts, limits and selects columns', async () => {
    const line = 'sessions list --sort -received --limit 3 --columns id,settings.room,received';
    expect(await gatectl(line, {gates: halls()})).toEqual({
      code: 0,
      out: 's1\thall\t10\ns2\thall\t20\ns3\tlobby\t30\n',
      err: 'showing 3 of 9 (--limit)\n',
    });
    expect((await gatectl('sessions top --by idle --limit 1 -o ids', {gates: halls()})).out).toBe(
      'Gate@b/s9\n',
    );
  });

  test.each([
    ['sessions list --where uidd=="a"', 'unknown field "uidd"'],
    ['sessions list --sort colour', 'cannot sort by "colour"'],
    ['sessions list --columns id,colour', 'unknown column "colour"'],
    ['sessions count --by colour', 'cannot group by "colour"'],
    ['sessions list --older-than soon', 'invalid duration "soon"'],
    ['sessions list --ip 10.0.0.0/99', 'invalid address block'],
  ])('%s: calls no gate', async (line, expected) => {
    const gates = halls();
    const {code, err, out} = await gatectl(line, {gates});
    expect({code, out}).toEqual({code: 2, out: ''});
    expect(err).toContain(expected);
    expect(gates.flatMap(({calls}) => calls)).toEqual([]);
  });

  test('reports the position of a selector error as JSON', async () => {
    const {err} = await gatectl(['sessions', 'list', '-o', 'json', '--where', 'guest && uidd == "a"'], {
      gates: halls(),
    });
    expect(JSON.parse(err).error).toMatchObject({
      kind: 'UsageError',
      place: {start: 9, end: 13},
      exitCode: 2,
    });
  });

  test('filters on the client for a gate that cannot filter', async () => {
    const selector = fc.constantFrom(
      'guest',
      'settings.room == "hall"',
      '!("room" in settings)',
      'received >= 40 && sent > 92',
      'idle > duration("0.004s")',
      'age >= duration("2s") || uid == "u3"',
      'settings.room.size() == 5',
      'gate == "Gate@a"',
    );
    await fc.assert(
      fc.asyncProperty(selector, selector, fc.integer({min: 1, max: 5}), async (left, right, pageSize) => {
        const answers = [];
        for (const filters of [true, false]) {
          const gates = halls();
          for (const gate of gates) Object.assign(gate, {filters, pageSize});
          const line = ['sessions', 'list', '-o', 'ids', '--where', left, '--where', right];
          answers.push((await gatectl(line, {gates, now: 3_000})).out.split('\n').sort());
        }
        expect(answers[0]).toEqual(answers[1]);
      }),
      {numRuns: 60},
    );
  });
});

describe('sessions count', () => {
  test('counts by gate, by field and with a selector', async () => {
    const rows = async (line: string) =>
      (await gatectl(`sessions count ${line}`, {gates: halls(), now: 3_000})).out;
    expect(await rows('')).toBe('Gate@a\t4\t3\nGate@b\t5\t3\n');
    expect(await rows('--where settings.room=="lobby"')).toBe('Gate@a\t1\t1\nGate@b\t2\t1\n');
    expect(await rows('--uid nobody')).toBe('Gate@a\t0\t0\nGate@b\t0\t0\n');
    expect(await rows('--by settings.room')).toBe('hall\t5\t3\nlobby\t3\t2\n-\t1\t1\n');
    expect(await rows('--by network --guest')).toBe('tcp\t2\t0\nwebsocket\t1\t0\n');
    const document = JSON.parse(await rows('--by guest -o json'));
    expect(document).toMatchObject({
      items: [
        {key: 'false', sessions: 6, bound: 6},
        {key: 'true', sessions: 3, bound: 0},
      ],
      sessions: 9,
      complete: true,
    });
  });
});

test('B05: shows and counts rows of a gate that failed later, marked as incomplete', async () => {
  const gates = halls();
  const [, second] = gates;
  let pages = 0;
  if (second !== undefined)
    second.before = (fn) => {
      if (fn !== 'GatectlList' || ++pages === 1) return;
      throw new CallError({reason: 'disconnected', node: 'Gate@b', fn}, 'Gate@b lost the bus');
    };
  const {code, out, err} = await gatectl('sessions list -o json', {gates});
  expect(code).toBe(3);
  expect(err).toContain('Gate@b lost the bus); the result is incomplete');
  expect(err).toContain('and these rows may be out of date: 2 from Gate@b');
  expect(JSON.parse(out)).toMatchObject({
    complete: false,
    gates: expect.arrayContaining([expect.objectContaining({node: 'Gate@b', status: 'failed', count: 2})]),
  });
  if (second !== undefined) pages = 0;
  const alone = await gatectl('sessions list', {gates: gates.slice(1)});
  expect(alone.code).toBe(3); // not 8: something was printed
});

describe('sessions find', () => {
  test('B17: computes ages with the clock of the gate, like sessions get, however wrong the clock is', async () => {
    const gate = new FakeGate('Gate@a');
    const hour = 3_600_000;
    gate.now = () => 5 * hour;
    gate.add(
      aRow({sessionId: 'abcdef0123456789', userId: 'u1'}, {connectedAt: 3 * hour, lastActiveAt: 4 * hour}),
    );
    for (const line of ['sessions find u1', 'sessions get abcdef0123456789']) {
      const {out} = await gatectl(`${line} -o wide`, {gates: [gate], now: 100 * hour});
      expect(out).toMatch(/\b2h\b/);
      expect(out).toMatch(/\b1h\b/);
      expect(out).not.toMatch(/4d|97h/);
    }
  });

  test('exits 1 for no session, and 3 while a gate is silent', async () => {
    expect((await gatectl('sessions find u1', {gates: halls()})).code).toBe(0);
    const nobody = await gatectl('sessions find nobody -o json', {gates: halls()});
    expect(nobody).toMatchObject({
      code: 1,
      err: `nothing found on 2 gates\nhint: to show the record of an offline user: gatectl records get nobody; to find similar uids: gatectl sessions list --where 'uid.startsWith("no")'\n`,
    });
    expect(JSON.parse(nobody.out)).toMatchObject({items: [], complete: true});
    const [first, second] = halls();
    if (first === undefined || second === undefined) throw new Error('two gates');
    second.before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'Gate@b did not answer within 2000 ms');
    };
    const unknown = await gatectl('sessions find nobody', {gates: [first, second]});
    expect(unknown).toMatchObject({code: 3, err: expect.stringContaining('incomplete')});
    expect(unknown.err).not.toContain('nothing found');
  });
});

describe('sessions top', () => {
  test('redraws on a terminal and leaves the last output', async () => {
    const gates = halls();
    const stop = new AbortController();
    let asked = 0;
    for (const gate of gates)
      gate.before = (fn) => {
        if (fn !== 'GatectlList') return;
        asked += 1;
        if (asked === 1) gates[0]?.add(aRow({sessionId: 'loud'}, {received: 1000}));
        if (asked > 30) stop.abort(new InterruptedError('SIGINT'));
      };
    const {code, out} = await gatectl('sessions top --every 200ms --limit 3', {
      gates,
      terminal: 'all',
      signal: stop.signal,
    });
    expect(code).toBe(130);
    const [, first = ''] = out.split('\u001b[?1049h');
    const [pictures = '', last = ''] = first.split('\u001b[?1049l');
    expect(pictures.split('\u001b[H').length).toBeGreaterThan(2);
    expect(pictures).toContain('every 0.2s');
    expect(last).toMatch(/ID +UID/);
    expect(last).toContain('loud');
  });

  test('prints once into a pipe, and refuses --every', async () => {
    const {code, out} = await gatectl('sessions top --limit 2', {gates: halls()});
    expect({code, lines: out.trimEnd().split('\n').length}).toEqual({code: 0, lines: 2});
    const refused = await gatectl('sessions top --every 1s', {gates: halls()});
    expect({code: refused.code, err: refused.err}).toEqual({
      code: 2,
      err: expect.stringContaining('gatectl sessions watch -o jsonl'),
    });
  });
});

describe('sorting, counting and finding', () => {
  test.each([
    ['received', 's9 s8 s7'],
    ['received:desc', 's9 s8 s7'],
    ['received:asc', 's1 s2 s3'],
    ['-received', 's1 s2 s3'],
    ['uid:desc', 's6 s5 s4'],
    ['session:desc', 's9 s8 s7'],
  ])('--sort %s begins with %s', async (sort, expected) => {
    const {out} = await gatectl(`sessions list --sort ${sort} --limit 3 --columns session`, {gates: halls()});
    expect(out.trim().split('\n').join(' ')).toBe(expected);
  });

  test('sort keys with two directions are refused', async () => {
    const {code, err} = await gatectl('sessions list --sort -age:asc', {gates: halls()});
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining('give "-" or ":asc", not both')});
  });

  test.each([
    ['ip/8', ['10.0.0.0/8 9']],
    ['ip/22', ['10.0.4.0/22 4', '10.0.0.0/22 3', '10.0.8.0/22 2']],
    ['version', ['1.0.0 9']],
    ['network', ['tcp 7', 'websocket 2']],
  ])('--by %s counts %j', async (by, expected) => {
    const {code, out} = await gatectl(`sessions count --by ${by}`, {gates: halls()});
    const groups = out
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 2).join(' '));
    expect({code, groups}).toEqual({code: 0, groups: expected});
  });

  test('find accepts several uids, each once', async () => {
    const {code, out} = await gatectl('sessions find u1 u2 u1 -o json', {gates: halls()});
    const found = JSON.parse(out);
    expect({code, uids: found.items.map(({uid}: {uid: string}) => uid).sort()}).toEqual({
      code: 0,
      uids: ['u1', 'u2'],
    });
    expect(found.gates.map(({node}: {node: string}) => node)).toEqual(['Gate@a', 'Gate@b']);
    expect((await gatectl('sessions find nobody nothing', {gates: halls()})).code).toBe(1);
    expect(await gatectl('sessions find u1 nobody -o ids', {gates: halls()})).toEqual({
      ...{code: 1, out: 'Gate@b/s1\n'},
      err: 'no live session for uid "nobody"\n',
    });
  });

  test('find accepts patterns, and shows a session once', async () => {
    const {code, out} = await gatectl('sessions find u3 u* *1 -o ids', {gates: halls()});
    expect({code, ids: out.trim().split('\n').sort()}).toEqual({
      code: 0,
      ids: ['Gate@a/s2', 'Gate@a/s4', 'Gate@a/s6', 'Gate@b/s1', 'Gate@b/s3', 'Gate@b/s5'],
    });
    expect(await gatectl('sessions find x*', {gates: halls()})).toMatchObject({code: 1, out: ''});
  });

  test('* matches any text in every --uid', async () => {
    expect(await ids(['--uid', 'u*'])).toBe('s1 s2 s3 s4 s5 s6');
    expect(await ids(['--uid', '*3', '--uid', 'u1'])).toBe('s1 s3');
    expect(await ids(['--uid', 'u*1*'])).toBe('s1');
  });

  test('--header starts tsv with the names of the columns', async () => {
    const line = 'sessions list --columns uid,gate --uid u1 -o';
    const tsv = await gatectl(`${line} tsv --header`, {gates: halls()});
    expect(tsv.out).toBe('UID\tGATE\nu1\tGate@b\n');
    const csv = await gatectl(`${line} csv --header`, {gates: halls()});
    expect(csv.out).toBe('UID,GATE\nu1,Gate@b\n');
  });
});

describe('--columns and -q', () => {
  const settings = stringBag([
    ['room', 'lobby'],
    ['level', '7'],
  ]);
  const one = () => ({gates: [new FakeGate('Gate@a', [aRow({sessionId: 'f00d', userId: 'u1', settings})])]});
  const items = async (columns: string, command = 'sessions list') =>
    JSON.parse((await gatectl(`${command} -o json --columns ${columns}`, one())).out).items;

  test('json has the members of the chosen columns, in their places', async () => {
    expect(await items('id,uid')).toEqual([{id: 'f00d', uid: 'u1'}]);
    expect(await items('settings.room,settings.gone')).toEqual([{settings: {room: 'lobby'}}]);
    expect(await items('settings.room,settings')).toEqual([{settings: {room: 'lobby', level: '7'}}]);
    expect(Object.keys((await items('age,idle'))[0])).toEqual(['connectedAt', 'lastActiveAt']);
    expect(await items('connectedAt')).toEqual([{connectedAt: expect.stringContaining('T')}]);
    const lines = await gatectl('sessions list -o jsonl --columns uid', one());
    expect(lines.out.split('\n')[0]).toBe('{"uid":"u1"}');
    expect((await gatectl('sessions list -o yaml --columns uid', one())).out).toMatch(
      /items:\n- uid: "?u1"?\n/,
    );
  });

  test('a row that the gate could not read whole keeps its fault', async () => {
    const gates = [new FakeGate('Gate@a', [{...aRow({sessionId: 'f00d'}), fault: 'too large'}])];
    const {out} = await gatectl('sessions list -o json --columns id', {gates});
    expect(JSON.parse(out).items).toEqual([{id: 'f00d', fault: 'too large'}]);
  });

  test('-q reduces a list to ids unless a format is chosen, and no other command', async () => {
    expect((await gatectl('sessions list -q', one())).out).toBe('Gate@a/f00d\n');
    expect((await gatectl('sessions list -q -o tsv', one())).out).toMatch(/^f00d\tu1\t/);
    expect((await gatectl('sessions find u1 -q', one())).out).toMatch(/^f00d\tu1\t/);
    const env = {GATECTL_QUIET: '1'};
    expect((await gatectl('sessions list', {...one(), env})).out).toMatch(/^f00d\tu1\t/);
  });
});

test('a watch on a terminal prints a header and whole ids', async () => {
  const gates = [new FakeGate('Gate@0123456789abcdef0123')];
  const {out} = await gatectl('sessions watch --for 100ms', {gates, terminal: 'all'});
  expect(out).toMatch(/^AT +KIND +ID +UID +GATE +DETAIL\n/);
  expect(out).toContain('Gate@0123456789abcdef0123');
  expect((await gatectl('sessions watch --for 100ms', {gates})).out).not.toMatch(/^AT/);
});

test('B6: refreshes while a gate is silent', async () => {
  const [gate, silent] = [new FakeGate('Gate@a', [aRow({userId: 'ann'})]), new FakeGate('Gate@b')];
  const stop = new AbortController();
  let lists = 0;
  silent.before = () => new Promise(() => {});
  gate.before = (fn) => {
    if (fn === 'GatectlList') lists += 1;
    if (lists === 3) stop.abort(new InterruptedError('SIGINT'));
  };
  const {out} = await gatectl('sessions top --every 200ms', {
    gates: [gate, silent],
    terminal: 'all',
    signal: stop.signal,
  });
  expect(out).toContain('ann');
  expect(out).toContain('1 of 2 gates did not answer (Gate@b');
});
