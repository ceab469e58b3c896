import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {CallError} from '../../../src/base/errors.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl, memoryJournal} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';

const prod = {
  contexts: {prod: {server: 'nats://prod:4222', protected: true}, test: {server: 'nats://test:4222'}},
  selected: 'prod',
} as const;

const aGate = () => new FakeGate('Gate@a', [aRow({sessionId: 's1', userId: 'u1'})]);

describe('a protected context', () => {
  test.each([
    ['settings set s1 a=b', 'Push'],
    ['unbind s1', 'UnBind'],
    ['send s1 /t x', 'Send'],
  ])('asks for its name before "%s"', async (line, fn) => {
    for (const [stdin, code] of [
      ['prod\n', 0],
      ['test\n', 6],
      ['y\n', 6],
    ] as const) {
      const gate = aGate();
      const outcome = await gatectl(line, {...prod, gates: [gate], terminal: 'all', stdin});
      expect(outcome.err).toContain('prod, nats://prod:4222 (protected)');
      expect(outcome.err).toContain('type "prod" to continue: ');
      expect({code: outcome.code, isWritten: gate.calls.includes(fn)}).toEqual({code, isWritten: code === 0});
    }
  });

  test.each([
    ['sessions kick s1', 'Close', 'prod', 'kick session "s1" of uid "u1" on Gate@a?'],
    ['sessions kick uid:u1 uid:u2', 'Close', 'prod', 'kick 2 sessions?'],
    ['sessions kick --all', 'Close', 'prod kick 12', 'kick all 12 sessions in the cluster?'],
    ['send --uid u1 --uid u2 /t x', 'SendBatch', 'prod', 'send to 2 sessions?'],
    ['send --all /t x', 'SendBatch', 'prod send 12', 'send to all 12 sessions in the cluster?'],
    ['broadcast /t hello', 'BroadCast', 'prod', 'broadcast 5 bytes on "/t" to every client?'],
    ['broadcast /t hello --gate Gate@a', 'BroadCast', 'prod', 'to every client of Gate@a?'],
    ['bind s1 u9', 'Bind', 'prod', 'bind session "s1" to uid "u9"?'],
    ['bind s1 u2 --duplicate takeover', 'Bind', 'prod', 'close 1 other session of uid "u2"?'],
  ])('asks once before "%s", with its targets', async (line, fn, phrase, question) => {
    const rows = Array.from({length: 12}, (_, at) => aRow({sessionId: `s${at + 1}`, userId: `u${at + 1}`}));
    for (const [stdin, code] of [
      [`${phrase}\n`, 0],
      ['y\n', 6],
    ] as const) {
      const gate = new FakeGate('Gate@a', rows);
      const outcome = await gatectl(line, {...prod, gates: [gate], terminal: 'all', stdin});
      expect(outcome.err).toContain(`prod: `);
      expect(outcome.err).toContain(question);
      expect(outcome.err.split(`type "${phrase}" to continue: `)).toHaveLength(2);
      expect(outcome.err).not.toContain('[y/N]');
      expect({code: outcome.code, isWritten: gate.calls.includes(fn)}).toEqual({code, isWritten: code === 0});
    }
  });

  test('asks once before a plan that destroys nothing is applied', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'plan.jsonl');
    const gate = aGate();
    const world = {...prod, gates: [gate], terminal: 'all'} as const;
    expect((await gatectl(`settings set s1 a=b --plan ${file}`, {...world, stdin: ''})).code).toBe(0);
    expect((await gatectl(`apply ${file}`, {...world, stdin: 'y\n'})).code).toBe(6);
    expect(gate.calls).not.toContain('Push');
    const applied = await gatectl(`apply ${file}`, {...world, stdin: 'prod\n'});
    expect(applied).toMatchObject({code: 0, err: expect.stringContaining('type "prod" to continue: ')});
    expect(gate.calls).toContain('Push');
  });

  test('is shown in red on a colour terminal', async () => {
    const world = {...prod, gates: [aGate()], terminal: 'all', stdin: ''} as const;
    const {err} = await gatectl('unbind s1 --color always', world);
    expect(err).toContain('cluster  \u001b[31mprod, nats://prod:4222 (protected)\u001b[39m\n');
  });

  test('does not ask before a dry run or a read', async () => {
    const world = {...prod, gates: [aGate()], terminal: 'all', stdin: ''} as const;
    for (const line of ['sessions kick s1 --dry-run', 'sessions list'])
      expect((await gatectl(line, world)).code).toBe(0);
  });

  test('accepts --yes only on a command line that names the context', async () => {
    const journal = memoryJournal();
    const refused = await gatectl('sessions kick s1 --yes', {...prod, gates: [aGate()], journal});
    expect({code: refused.code, err: refused.err}).toEqual({
      code: 2,
      err: expect.stringContaining('hint: pass --yes --context prod'),
    });
    expect(journal.lines.at(-1)).toMatchObject({phase: 'result', exitCode: 2});
    const named = await gatectl('sessions kick s1 --yes --context prod', {...prod, gates: [aGate()]});
    expect(named.code).toBe(0);
    const env = {GATECTL_CONTEXT: 'prod'};
    expect((await gatectl('sessions kick s1 --yes', {...prod, env, gates: [aGate()]})).code).toBe(0);
  });
});

describe('broadcast', () => {
  const gates = () => [new FakeGate('Gate@a', [aRow({}), aRow({})]), new FakeGate('Gate@b', [aRow({})])];
  const test1 = {...prod, selected: 'test', terminal: 'all'} as const;

  test('to every gate asks for the name of the context, and shows the clients of each gate', async () => {
    for (const [stdin, code] of [
      ['test\n', 0],
      ['y\n', 6],
    ] as const) {
      const all = gates();
      const outcome = await gatectl('broadcast /t hello', {...test1, gates: all, stdin});
      expect(outcome.err).toContain('gates    Gate@a 2, Gate@b 1\n');
      expect(outcome.err).toContain(
        'test: broadcast 5 bytes on "/t" to every client?\ntype "test" to continue: ',
      );
      expect(outcome.code).toBe(code);
      expect(all.every(({calls}) => calls.includes('BroadCast'))).toBe(code === 0);
    }
  });

  test('to one gate asks y/N', async () => {
    const outcome = await gatectl('broadcast /t hello --gate Gate@b', {
      ...test1,
      gates: gates(),
      stdin: 'y\n',
    });
    expect(outcome.err).toContain('to every client of Gate@b? [y/N] ');
    expect(outcome.code).toBe(0);
  });

  test('without a terminal requires --yes', async () => {
    const all = gates();
    expect(await gatectl('broadcast /t hello', {gates: all})).toMatchObject({
      code: 2,
      err: expect.stringContaining('hint: pass --yes'),
    });
    expect(all.flatMap(({calls}) => calls)).not.toContain('BroadCast');
  });

  test('--expect sends nothing to another number of clients, or to an unknown number', async () => {
    const all = gates();
    expect(await gatectl('broadcast /t hello --yes --expect 4', {gates: all})).toMatchObject({
      code: 6,
      err: expect.stringContaining('3 clients connected, not 4; nothing was sent'),
    });
    expect((await gatectl('broadcast /t hello --yes --gate Gate@b --expect 3', {gates: all})).code).toBe(6);
    const silent = new FakeGate('Gate@c');
    silent.before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@c', fn}, 'no answer');
    };
    expect((await gatectl('broadcast /t hello --yes --expect 3', {gates: [...all, silent]})).code).toBe(3);
    expect(all.flatMap(({calls}) => calls)).not.toContain('BroadCast');
    expect((await gatectl('broadcast /t hello --yes --expect 3', {gates: all})).code).toBe(0);
    expect(all.flatMap(({calls}) => calls)).toContain('BroadCast');
  });

  test('--dry-run shows the clients and sends nothing', async () => {
    const all = gates();
    const {code, out, err} = await gatectl('broadcast /t hello --dry-run --expect 3 -o json', {gates: all});
    expect({code, err}).toEqual({code: 0, err: 'would broadcast to 3 clients; nothing was sent\n'});
    expect(JSON.parse(out)).toMatchObject({
      would: 'broadcast',
      clients: 3,
      items: [
        {gate: 'Gate@a', clients: 2},
        {gate: 'Gate@b', clients: 1},
      ],
    });
    expect(all.flatMap(({calls}) => calls)).not.toContain('BroadCast');
  });
});
