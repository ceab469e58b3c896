import {promises as fs, readFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {CallError, InterruptedError, OutcomeUnknownError} from '../../../src/base/errors.js';
import {stringBag} from '../../../src/session/session.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';

const writes = new Set([
  'Close',
  'Send',
  'SendBatch',
  'BroadCast',
  'Bind',
  'UnBind',
  'Push',
  'Set',
  'Remove',
]);
const written = (gates: readonly FakeGate[]): string[] =>
  gates.flatMap(({calls}) => calls.filter((fn) => writes.has(fn)));

/** So many sessions on two gates, `g0…`; every third has the setting vip. */
function crowd(count: number): readonly [FakeGate, FakeGate] {
  const gates = [new FakeGate('Gate@a'), new FakeGate('Gate@b')] as const;
  for (let at = 0; at < count; at += 1) {
    const settings = stringBag(at % 3 === 0 ? [['vip', '1']] : []);
    gates[at % 2 === 0 ? 0 : 1].add(aRow({sessionId: `g${at}`, userId: `u${at}`, settings}));
  }
  return gates;
}

const remaining = (gates: readonly FakeGate[]): string[] =>
  gates.flatMap(({rows}) => [...rows.keys()]).sort();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());
const file = (name: string): string => path.join(folder.path, name);

describe('a write to many sessions', () => {
  test('D04: --dry-run prints exactly the targets and writes nothing', async () => {
    for (const line of [
      'sessions kick --setting vip',
      'unbind --setting vip',
      'settings set --setting vip a=b',
      'settings unset --setting vip vip',
      'send --setting vip /t body',
    ]) {
      const gates = crowd(9);
      const {code, out, err} = await gatectl(`${line} --dry-run -o json`, {gates});
      expect({line, code}).toEqual({line, code: 0});
      const document = JSON.parse(out);
      expect(document.items.map(({id}: {id: string}) => id).sort()).toEqual(['g0', 'g3', 'g6']);
      expect(document.targets).toBe(3);
      expect(line).toContain(document.would);
      expect(err).toContain('would');
      expect(written(gates)).toEqual([]);
    }
  });

  test('shows progress for many targets on a terminal, and lists only those that failed', async () => {
    const gates = crowd(60);
    gates[0].before = (fn) => {
      if (fn === 'Close') gates[0].rows.delete('g58'); // leaves by itself meanwhile
    };
    const line = 'sessions kick --all --yes --expect 60';
    const {code, out, err} = await gatectl(line, {gates, terminal: 'all'});
    expect(code).toBe(0);
    expect(out.match(/g\d+/g)).toEqual(['g58']);
    expect(err).toMatch(/kick \[[#-]{24}\] \d+ of 60/);
    expect(err).toContain('kick: 59 done, 1 gone of 60 sessions');
    const few = await gatectl('sessions kick --all --yes --expect 50', {gates: crowd(50), terminal: 'all'});
    expect(few.out.trimEnd().split('\n')).toHaveLength(51);
  });

  test('writes to matching sessions and prints each outcome', async () => {
    const gates = crowd(9);
    gates[0].before = (fn) => {
      if (fn === 'Close') gates[0].rows.delete('g6'); // leaves by itself meanwhile
    };
    const {code, out, err} = await gatectl('sessions kick --setting vip --yes', {gates});
    expect(out.split('\n').slice(0, -1).sort()).toEqual([
      'g0\tu0\tGate@a\tdone\t',
      'g3\tu3\tGate@b\tdone\t',
      'g6\tu6\tGate@a\tgone\t',
    ]);
    expect({code, err}).toEqual({
      code: 0,
      err: 'kick: 2 done, 1 gone of 3 sessions in 0.0s\nGate@a: 1 of 2 done\n',
    });
    expect(remaining(gates)).toEqual(['g1', 'g2', 'g4', 'g5', 'g7', 'g8']);
  });

  test('sends, sets, unsets and unbinds', async () => {
    const gates = crowd(9);
    expect((await gatectl('send --setting vip /t hello', {gates})).code).toBe(0);
    expect(
      gates
        .flatMap(({sent}) => sent)
        .map(({sessionId, body}) => `${sessionId} ${body}`)
        .sort(),
    ).toEqual(['g0 hello', 'g3 hello', 'g6 hello']);
    expect((await gatectl('settings set --setting vip room=a b=c', {gates})).code).toBe(0);
    expect((await gatectl('unbind --setting room=a', {gates})).code).toBe(0);
    expect((await gatectl('settings unset --guest vip room', {gates})).code).toBe(0);
    const guests = gates.flatMap(({rows}) => [...rows.values()]).filter(({session}) => session.userId === '');
    expect(guests.map(({session}) => [session.sessionId, {...session.settings}]).sort()).toEqual([
      ['g0', {b: 'c'}],
      ['g3', {b: 'c'}],
      ['g6', {b: 'c'}],
    ]);
  });

  test('B11: stops before sending when a gate is silent, unless --allow-partial', async () => {
    const gates = crowd(4);
    gates[1].before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'Gate@b did not answer within 2000 ms');
    };
    const refused = await gatectl('sessions kick --all --yes', {gates});
    expect(refused.code).toBe(3);
    expect(refused.err).toContain(
      '1 of 2 gates did not answer (Gate@b did not answer within 2000 ms); nothing was sent',
    );
    expect(written(gates)).toEqual([]);
    const allowed = await gatectl('sessions kick --all --yes --allow-partial', {gates});
    expect(allowed.code).toBe(0);
    expect([...gates[0].rows]).toEqual([]);
  });

  test.each([
    ['sessions kick --all', 2, 'no terminal to ask on', 'none'],
    ['sessions kick --all --yes', 2, '--expect 30', 'none'],
    ['send --all /t x --yes', 2, '--expect 30', 'none'],
    ['send --all /t x', 2, 'pass --yes --expect 30', 'none'],
    ['sessions kick --all --yes --expect 29', 6, '30 sessions match, not 29', 'none'],
    ['sessions kick --uid nobody --yes', 1, 'no matching sessions', 'none'],
    ['sessions kick', 2, 'missing session', 'all'],
    ['unbind', 2, 'missing session', 'all'],
    ['sessions kick g1 --all', 2, 'cannot combine session', 'all'],
    ['settings set g1', 2, 'missing settings', 'all'],
    ['send --all', 2, 'missing required argument "args"', 'all'],
    ['send g1 /t a b', 2, 'unexpected argument "b"', 'all'],
    ['sessions kick --all --rate fast', 2, 'invalid rate "fast"', 'all'],
    ['sessions kick --all --rate 1000000', 2, 'a whole number up to 999999', 'all'],
  ] as const)('D01, D03: "%s" is refused', async (line, code, text, terminal) => {
    const gates = crowd(30);
    const outcome = await gatectl(line, {gates, terminal, stdin: ''});
    expect({code: outcome.code, err: outcome.err}).toEqual({code, err: expect.stringContaining(text)});
    expect(written(gates)).toEqual([]);
  });

  test.each([
    ['kick 30\n', 0],
    ['kick 3\n', 6],
    ['y\n', 6],
    ['yes\n', 6],
    ['', 6],
  ])('D03: many targets require a typed phrase: %j exits with %s', async (stdin, code) => {
    const gates = crowd(30);
    const outcome = await gatectl('sessions kick --all', {gates, terminal: 'all', stdin});
    expect(outcome.code).toBe(code);
    expect(outcome.err).toBe(
      [
        'cluster  nats://127.0.0.1:4222',
        'gates    Gate@a 15, Gate@b 15',
        'targets  u0 (Gate@a/g0), u10 (Gate@a/g10), u12 (Gate@a/g12) and 27 more',
        'nats://127.0.0.1:4222: kick all 30 sessions in the cluster?',
        'type "kick 30" to continue: ',
      ].join('\n') + outcome.err.slice(outcome.err.indexOf('continue: ') + 'continue: '.length),
    );
    expect(remaining(gates).length).toBe(code === 0 ? 0 : 30);
  });

  test('shows three targets above the question', async () => {
    const ask = async (line: string) => await gatectl(line, {gates: crowd(30), terminal: 'all', stdin: ''});
    const one = (await ask('sessions kick --uid u4')).err;
    expect(one).toContain('targets  u4 (Gate@a/g4)\n');
    expect(one).toContain('kick 1 session? [y/N]');
    const four = (await ask('sessions kick --uid u4 --uid u5 --uid u6 --uid u7')).err;
    expect(four).toContain('targets  u4 (Gate@a/g4), u6 (Gate@a/g6), u5 (Gate@b/g5) and 1 more\n');
    expect(four).toContain('gates    Gate@a 2, Gate@b 2\n');
  });

  test.each([
    ['prod\n', 0],
    ['kick 30\n', 6],
    ['y\n', 6],
  ])(
    'a write on the whole cluster asks for the name of the context: %j ends with %s',
    async (stdin, code) => {
      const world = {
        contexts: {prod: {server: 'nats://prod:4222'}},
        selected: 'prod',
        terminal: 'all',
      } as const;
      const outcome = await gatectl('sessions kick --all', {...world, gates: crowd(30), stdin});
      expect(outcome.err).toContain('cluster  prod, nats://prod:4222\n');
      expect(outcome.err).toContain('type "prod" to continue: ');
      expect(outcome.code).toBe(code);
      const some = await gatectl('sessions kick --where true', {
        ...world,
        gates: crowd(30),
        stdin: 'kick 30\n',
      });
      expect(some.code).toBe(0);
    },
  );

  test('D06: asks y/N for a few destructive targets, and not for other writes', async () => {
    for (const [stdin, left] of [
      ['y\n', 0],
      ['n\n', 4],
      ['\n', 4],
      ['ｙ\n', 4],
    ] as const) {
      const gates = crowd(4);
      const {code} = await gatectl('sessions kick --all', {gates, terminal: 'all', stdin});
      expect({stdin, code, left: remaining(gates).length}).toEqual({stdin, code: left === 0 ? 0 : 6, left});
    }
    expect((await gatectl('send --all /t x', {gates: crowd(4), terminal: 'all', stdin: ''})).code).toBe(0);
  });

  test('D07: read-only refuses before asking, with or without --dry-run', async () => {
    for (const extra of ['--yes', '--dry-run']) {
      const gates = crowd(4);
      expect((await gatectl(`sessions kick --all --read-only ${extra}`, {gates})).code).toBe(4);
      expect(gates.flatMap(({calls}) => calls)).toEqual([]);
    }
  });

  test.each([
    [
      'a key twice',
      (line: string) => line.replace('"done"', '"failed","state":"done"'),
      'the key "state" appears twice',
    ],
    ['damage', (line: string) => line.replace('"outcome":', '"outcome"'), 'expected a JSON object'],
  ])(
    'E10: an outcome file with %s is refused by the line, and nothing is done twice',
    async (_, damaged, why) => {
      const gates = crowd(3);
      const outcome = file(`damaged-${why.length}.jsonl`);
      expect((await gatectl(`unbind --all --yes --outcome ${outcome}`, {gates})).code).toBe(0);
      const lines = (await fs.readFile(outcome, 'utf8')).split('\n');
      const at = lines.findIndex((line) => line.startsWith('{"outcome"'));
      lines[at] = damaged(lines[at] ?? '');
      await fs.writeFile(outcome, lines.join('\n'));
      const before = written(gates).length;
      const {code, err} = await gatectl(`unbind --resume ${outcome}`, {gates});
      expect(code).toBe(2);
      expect(err).toContain(`line ${at + 1} of "${outcome}"`);
      expect(err).toContain(why);
      expect(written(gates).length).toBe(before);
    },
  );

  test('E10: a resumed run starts a new line after a partial one', async () => {
    const gates = crowd(3);
    const outcome = file('half.jsonl');
    await gatectl(`unbind --all --yes --outcome ${outcome}`, {gates});
    const lines = (await fs.readFile(outcome, 'utf8')).trimEnd().split('\n');
    await fs.writeFile(outcome, `${lines.slice(0, -1).join('\n')}\n${(lines.at(-1) ?? '').slice(0, 30)}`);
    expect((await gatectl(`unbind --resume ${outcome}`, {gates})).code).toBe(0);
    const after = (await fs.readFile(outcome, 'utf8')).trimEnd().split('\n');
    expect(after).toHaveLength(lines.length + 2); // a line before the write, one with its outcome
    expect(JSON.parse(after.at(-1) ?? '')).toMatchObject({outcome: {state: 'done'}});
    expect((await gatectl(`unbind --resume ${outcome}`, {gates})).code).toBe(1);
  });

  test('B05: writes to no session of a gate that failed after a page', async () => {
    const gates = crowd(8);
    const [good, bad] = gates;
    bad.pageSize = 2;
    let pages = 0;
    bad.before = (fn) => {
      if (fn !== 'GatectlList' || ++pages === 1) return;
      throw new CallError({reason: 'disconnected', node: 'Gate@b', fn}, 'Gate@b lost the bus');
    };
    const {code, err} = await gatectl('sessions kick --all --yes --allow-partial', {gates});
    expect(err).toContain('Gate@b lost the bus); their sessions are left out');
    expect({code, left: [good.rows.size, bad.rows.size]}).toEqual({code: 0, left: [0, 4]});
  });

  test('B12: reports an unknown outcome, and sends nothing twice', async () => {
    const gates = crowd(4);
    gates[0].before = (fn) => {
      if (fn !== 'SendBatch') return;
      throw new OutcomeUnknownError('Gate@a did not answer SendBatch within 2000 ms');
    };
    const outcome = file('unknown.jsonl');
    const first = await gatectl(`send --all /t x --outcome ${outcome}`, {gates});
    expect(first.code).toBe(7);
    expect(first.out).toContain('unknown\tGate@a did not answer SendBatch within 2000 ms');
    expect(first.err).toContain('send: 2 done, 2 unknown of 4 sessions');
    gates[0].before = () => {};
    const again = await gatectl(`send /t x --resume ${outcome}`, {gates});
    expect({code: again.code, err: again.err}).toEqual({
      code: 1,
      err: expect.stringContaining('no matching sessions; nothing was sent'),
    });
    expect(again.err).toContain('2 sessions may already have the message: not sent again');
    expect(gates.flatMap(({sent}) => sent).length).toBe(2);
  });

  test('A4: the outcome file names its targets before the write, so that a killed run leaves them unknown', async () => {
    const gates = crowd(6);
    const outcome = file('begun.jsonl');
    const begunAtWrite: string[] = [];
    for (const gate of gates) {
      gate.before = (fn) => {
        if (fn !== 'SendBatch') return;
        const begun = readFileSync(outcome, 'utf8').match(/^\{"begun".*$/gm) ?? [];
        begunAtWrite.push(begun.find((line) => JSON.parse(line).begun.gate === gate.nodeId) ?? '');
      };
    }
    expect((await gatectl(`send --all /t x --outcome ${outcome}`, {gates})).code).toBe(0);
    expect(begunAtWrite.map((line) => JSON.parse(line)).sort()).toEqual([
      {begun: {gate: 'Gate@a', ids: ['g0', 'g2', 'g4']}},
      {begun: {gate: 'Gate@b', ids: ['g1', 'g3', 'g5']}},
    ]);

    const whole = await fs.readFile(outcome, 'utf8');
    await fs.writeFile(outcome, whole.replaceAll(/^\{"outcome".*\n/gm, '')); // killed before any answer
    const again = await gatectl(`send /t x --resume ${outcome}`, {gates});
    expect(again.code).toBe(1);
    expect(again.err).toContain('6 sessions may already have the message: not sent again');
    expect(gates.flatMap(({sent}) => sent).length).toBe(6);
  });

  test('A4: a resumed kick repeats the targets without an outcome in the file', async () => {
    const gates = crowd(4);
    const outcome = file('begun-kick.jsonl');
    await gatectl(`sessions kick --all --yes --outcome ${outcome} --dry-run`, {gates});
    await fs.appendFile(
      outcome,
      '{"begun":{"gate":"Gate@a","ids":["g0","g2"]}}\n{"begun":{"gate":"Gate@b","i',
    );
    const {code} = await gatectl(`sessions kick --resume ${outcome} --yes`, {gates});
    expect({code, left: remaining(gates)}).toEqual({code: 0, left: []});
  });

  test('stops after too many errors; resume writes only the rest', async () => {
    const gates = crowd(40);
    let closed = 0;
    const broken = (fn: string): void => {
      if (fn !== 'Close') return;
      closed += 1;
      if (closed > 6)
        throw new CallError({reason: 'refused', node: 'Gate@a', fn}, 'Gate@a refused Close: no');
    };
    gates[0].before = broken;
    gates[1].before = broken;
    const outcome = file('errors.jsonl');
    const first = await gatectl(`sessions kick --all --yes --expect 40 --max-errors 3 --outcome ${outcome}`, {
      gates,
    });
    expect(first.code).toBe(1);
    expect(first.err).toMatch(/not started; continue with --resume/);
    expect(remaining(gates).length).toBe(34);
    for (const gate of gates) gate.before = () => {};
    const newcomer = gates[0].add(aRow({sessionId: 'newcomer'}));
    const other = await gatectl(`unbind --resume ${outcome}`, {gates});
    expect({code: other.code, err: other.err}).toEqual({
      code: 2,
      err: expect.stringContaining('it belongs to another write (kick'),
    });
    const second = await gatectl(`sessions kick --resume ${outcome} --yes --expect 34`, {gates});
    expect(second.code).toBe(0);
    expect(second.out.trim().split('\n').length).toBe(34);
    expect(remaining(gates)).toEqual([newcomer.session.sessionId]);
    const lines = (await fs.readFile(outcome, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({version: 1, action: 'kick', count: 40});
    expect(lines.filter(({outcome: one}) => one?.state === 'done').length).toBe(40);
    expect((await fs.stat(outcome)).mode & 0o777).toBe(0o600);
  });

  test('D05, D10: a plan writes only to the sessions it names, not to reconnected clients', async () => {
    const gates = crowd(6);
    const plan = file('plan.jsonl');
    expect((await gatectl(`sessions kick --setting vip --dry-run --outcome ${plan}`, {gates})).code).toBe(0);
    gates[0].rows.delete('g0'); // D10: the uid comes back as another session
    gates[0].add(aRow({sessionId: 'again', userId: 'u0', settings: stringBag([['vip', '1']])}));
    const {code, out} = await gatectl(`sessions kick --resume ${plan} --yes`, {gates});
    expect({code, lines: out.split('\n').slice(0, -1).sort()}).toEqual({
      code: 0,
      lines: ['g0\tu0\tGate@a\tgone\t', 'g3\tu3\tGate@b\tdone\t'],
    });
    expect(remaining(gates)).toContain('again');
    const clash = await gatectl(`sessions kick --all --dry-run --outcome ${plan}`, {gates});
    expect({code: clash.code, err: clash.err}).toEqual({
      code: 2,
      err: expect.stringContaining('file exists'),
    });
  });

  test('D05: apply runs a plan, and stops when the cluster has changed', async () => {
    const gates = crowd(9);
    const plan = file('apply.plan');
    const planned = await gatectl(`settings set --setting vip room=arena --plan ${plan}`, {gates});
    expect({code: planned.code, err: planned.err, calls: written(gates)}).toEqual({
      code: 0,
      err: expect.stringContaining(`gatectl apply ${plan}`),
      calls: [],
    });
    gates[0].rows.delete('g0');
    const g3 = gates[1].rows.get('g3');
    if (g3 !== undefined) gates[1].add({...g3, session: {...g3.session, userId: 'somebody else'}});
    const stopped = await gatectl(`apply ${plan} --yes`, {gates});
    expect({code: stopped.code, err: stopped.err}).toEqual({
      code: 5,
      err: expect.stringContaining('2 of 3 sessions changed since the plan; nothing was sent'),
    });
    expect(stopped.err).toContain('Gate@a/g0: gone');
    expect(stopped.err).toContain('Gate@b/g3: its uid is "somebody else" now');
    expect(written(gates)).toEqual([]);
    const applied = await gatectl(`apply ${plan} --yes --max-drift 2 -o json`, {gates});
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.out)).toMatchObject({
      ...{action: 'set', targets: 3, done: 2, gone: 1},
      gates: [
        {node: 'Gate@a', asked: 2, done: 1, gone: 1},
        {node: 'Gate@b', asked: 1, done: 1, gone: 0},
      ],
    });
    expect(gates[0].rows.get('g6')?.session.settings['room']).toBe('arena');
  });

  test.each([
    ['sessions kick --setting vip', 'Close'],
    ['unbind --setting vip', 'UnBind'],
    ['settings unset --setting vip vip', 'Remove'],
    ['send --setting vip /t hello', 'SendBatch'],
    ['send --setting vip /t {{uid}} --template', 'Send'],
  ])('D05: the plan of %s is applied as given', async (line, fn) => {
    const gates = crowd(9);
    const plan = file(`${fn}.plan`);
    expect((await gatectl(`${line} --plan ${plan}`, {gates})).code).toBe(0);
    expect(written(gates)).toEqual([]);
    const {code, err} = await gatectl(`apply ${plan} --yes --outcome ${plan}.outcome`, {gates});
    expect({code, err}).toEqual({code: 0, err: expect.stringContaining('3 done of 3 sessions')});
    expect(written(gates)).toContain(fn);
    const kept = await fs.readFile(`${plan}.outcome`, 'utf8');
    expect(kept).not.toContain('message');
  });

  test('apply refuses an outcome file of a run that began: its targets would get the write again', async () => {
    const gates = crowd(3);
    const outcome = file('begun.jsonl');
    await gatectl(`settings set --all room=a --yes --outcome ${outcome}`, {gates});
    const before = written(gates).length;
    const {code, err} = await gatectl(`apply ${outcome} --yes`, {gates});
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining(`--resume ${outcome}`)});
    expect(written(gates)).toHaveLength(before);
  });

  test('apply --resume continues its plan, and no other', async () => {
    const gates = crowd(3);
    const [plan, other, outcome] = [file('rest.plan'), file('other.plan'), file('rest of it.jsonl')];
    await gatectl(`settings set --all room=a --plan ${plan}`, {gates});
    await gatectl(`settings set --all room=a --plan ${other}`, {gates, now: Date.UTC(2027, 0)});
    const apply = (name: string, ...flags: string[]) => gatectl(['apply', name, '--yes', ...flags], {gates});
    gates[0].before = (fn) => {
      if (writes.has(fn)) throw new CallError({reason: 'refused', node: 'Gate@a', fn}, 'no');
    };
    const first = await apply(plan, '--outcome', outcome, '--max-errors', '1', '--rate', '1000');
    expect(first.code).toBe(1);
    expect(first.err).toContain(`continue with --resume '${outcome}'`);
    expect(await apply(other, '--resume', outcome)).toMatchObject({
      code: 2,
      err: expect.stringContaining('it belongs to another plan'),
    });
    gates[0].before = () => {};
    const rest = await apply(plan, '--resume', outcome);
    expect(rest).toMatchObject({code: 0, err: expect.stringContaining('done of')});
    expect(
      gates.flatMap(({rows}) => [...rows.values()]).map(({session}) => session.settings['room']),
    ).toEqual(['a', 'a', 'a']);
    expect((await apply(plan, '--resume', outcome)).code).toBe(1);
  });

  test('apply refuses a modified plan', async () => {
    const gates = crowd(3);
    const plan = file('forged.plan');
    await gatectl(`send --all /t hello --plan ${plan}`, {gates});
    const text = await fs.readFile(plan, 'utf8');
    const other = Buffer.from('other').toString('base64');
    await fs.writeFile(plan, text.replace(Buffer.from('hello').toString('base64'), other));
    const {code, err} = await gatectl(`apply ${plan} --yes`, {gates});
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining('cannot read its')});
    expect(written(gates)).toEqual([]);
  });

  test('renders a template per session; reports sessions that lack a field', async () => {
    const gates = crowd(4);
    const body = '{"to":"{{uid}}","on":"{{gate}}","vip":"{{settings.vip}}"}';
    const argv = ['send', '--all', '/t', body, '--template', '--json'];
    const {code, out} = await gatectl(argv, {gates});
    expect(code).toBe(1);
    expect(gates.flatMap(({sent}) => sent).map((one) => one.body)).toEqual([
      '{"to":"u0","on":"Gate@a","vip":"1"}',
      '{"to":"u3","on":"Gate@b","vip":"1"}',
    ]);
    expect(out).toContain('g1\tu1\tGate@b\tfailed\tthe session has no settings.vip');
    const wrong = await gatectl(['send', '--all', '/t', '{{name}}', '--template'], {gates});
    expect({code: wrong.code, err: wrong.err}).toEqual({
      code: 2,
      err: expect.stringContaining('unknown template field "{{name}}"'),
    });
    const one = await gatectl(['send', 'g0', '/t', 'hi {{uid}} {{settings.vip}}', '--template'], {gates});
    expect(one.code).toBe(0);
    expect(gates[0].sent.at(-1)?.body).toBe('hi u0 1');
  });

  test('sends to many sessions of a gate in one call, and names those that are gone', async () => {
    const gates = crowd(40);
    gates[0].before = (fn) => {
      if (fn === 'SendBatch') gates[0].rows.delete('g6');
    };
    const {code, out, err} = await gatectl('send --all /t hello --yes --expect 40', {gates});
    expect({code, err}).toEqual({code: 0, err: expect.stringContaining('39 done, 1 gone of 40 sessions')});
    expect(err).toContain('Gate@a: 19 of 20 done');
    expect(out).toContain('g6\tu6\tGate@a\tgone\t\n');
    expect(gates[0].calls.filter((fn) => fn === 'SendBatch').length).toBe(2);
    expect(gates[0].calls.filter((fn) => fn === 'Send').length).toBe(0);
  });

  test('refuses a file that is not a plan, and accepts a partial last line', async () => {
    const gates = crowd(3);
    const plan = file('cut.jsonl');
    await gatectl(`sessions kick --all --dry-run --outcome ${plan}`, {gates});
    const whole = await fs.readFile(plan, 'utf8');
    await fs.writeFile(plan, `${whole}{"outcome":{"gate":"Gate@a","id":"g0","sta`);
    expect(
      (await gatectl(`sessions kick --resume ${plan} --dry-run -o ids`, {gates})).out.split('\n').length,
    ).toBe(4);
    await fs.writeFile(plan, whole.split('\n').slice(0, 2).join('\n'));
    expect((await gatectl(`sessions kick --resume ${plan} --yes`, {gates})).err).toContain(
      'truncated: it has 1 of 3 targets',
    );
    for (const [text, fault] of [
      ['', 'is empty'],
      ['{"a":1}\n', 'expected a plan or outcome file'],
      ['\u001b[2J\n', 'expected a plan or outcome file'],
    ] as const) {
      await fs.writeFile(plan, text);
      expect((await gatectl(`sessions kick --resume ${plan} --yes`, {gates})).err).toContain(fault);
    }
    expect(remaining(gates).length).toBe(3);
  });

  test('C13: an interruption stops the write and prints the outcomes', async () => {
    const gates = crowd(20);
    const stop = new AbortController();
    let closed = 0;
    for (const gate of gates) {
      gate.before = (fn) => {
        if (fn !== 'Close') return;
        closed += 1;
        if (closed === 5) stop.abort(new InterruptedError('SIGINT'));
      };
    }
    const {code, err, out} = await gatectl('sessions kick --all --yes --expect 20', {
      gates,
      signal: stop.signal,
    });
    expect(code).toBe(130);
    expect(err).toMatch(/kick: \d+ done/);
    expect(err).toContain('not started');
    const done = out.trim().split('\n').length;
    expect(remaining(gates).length).toBe(20 - done);
    expect(done).toBeLessThan(10);
  });
});
