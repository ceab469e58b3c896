import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {OutcomeUnknownError} from '../../../../src/base/errors.js';
import {catalogue} from '../../../../src/cli/catalogue.js';
import {type JournalIntent, type JournalResult, openJournal} from '../../../../src/cli/journal/journal.js';
import {stringBag} from '../../../../src/session/session.js';
import {dangersIn, evilText} from '../../../support/evil.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {type CliWorld, gatectl, memoryJournal} from '../../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../../support/temp.js';

const id = 'abcdef0123456789';
const aGate = (): FakeGate =>
  new FakeGate('Gate@a', [
    aRow({
      sessionId: id,
      userId: 'u1',
      settings: stringBag([
        ['room', 'a'],
        ['vip', '1'],
      ]),
    }),
  ]);
const writesOf = (gate: FakeGate): string[] =>
  gate.calls.filter((fn) =>
    /^(?:Close|Send|BroadCast|Bind|UnBind|Push|Set|Remove|GatectlRecord(?:Put|Delete))/.test(fn),
  );

/** Runs a line, and gives what it left in the journal. */
async function journaled(line: string | readonly string[], world: CliWorld = {}) {
  const journal = memoryJournal();
  const gate = aGate();
  const outcome = await gatectl(line, {gates: [gate], journal, ...world});
  const [intent, result, ...more] = journal.lines;
  expect(more).toEqual([]);
  return {
    outcome,
    gate,
    intent: intent as JournalIntent | undefined,
    result: result as JournalResult | undefined,
  };
}

describe('D19: the journal', () => {
  test('records actor, server, command, reason, before and after', async () => {
    const line = ['settings', 'set', id, 'room=b', '--reason', 'ticket 4711'];
    const {intent, result} = await journaled(line, {
      contexts: {prod: {server: 'nats://op:secret@127.0.0.1:4222'}},
      selected: 'prod',
    });
    expect(intent).toMatchObject({
      phase: 'intent',
      actor: 'tester@host',
      context: 'prod',
      server: 'nats://***@127.0.0.1:4222',
      command: 'settings set',
      input: {args: [id, 'room=b']},
      reason: 'ticket 4711',
    });
    expect(result).toMatchObject({
      id: intent?.id,
      phase: 'result',
      exitCode: 0,
      changes: [
        {
          target: `Gate@a/${id}`,
          before: {uid: 'u1', settings: {room: 'a', vip: '1'}},
          after: {uid: 'u1', settings: {room: 'b', vip: '1'}},
        },
      ],
    });
  });

  test.each([
    `send ${id}`,
    `send ${id} /t a b`,
    `send ${id} /t`,
    `settings set ${id}`,
    'settings set --uid u1 a=b --if a=c',
    'records set u1',
    `send ${id} bad/# x`,
  ])('does not record "%s", an invalid command line', async (line) => {
    const {outcome, gate, intent} = await journaled(line);
    expect(outcome.code).toBe(2);
    expect(intent).toBeUndefined();
    expect(gate.calls).toEqual([]);
  });

  test('records a refusal after the sessions were selected', async () => {
    const gates = [new FakeGate('Gate@a')];
    for (let at = 0; at < 20; at += 1) gates[0]?.add(aRow({sessionId: `s${at}`, userId: `u${at}`}));
    const {outcome, intent, result} = await journaled('unbind --all --yes', {gates});
    expect(outcome.code).toBe(2);
    expect(intent).toMatchObject({command: 'unbind'});
    expect(result).toMatchObject({exitCode: 2, error: expect.stringContaining('missing --expect')});
  });

  test('is written before anything is sent', async () => {
    const journal = memoryJournal();
    const gate = aGate();
    const seen: number[] = [];
    gate.before = () => void seen.push(journal.lines.length);
    await gatectl(`unbind ${id}`, {gates: [gate], journal});
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set([1]));
    expect(journal.lines.length).toBe(2);
  });

  test.each([
    [`sessions kick ${id}`, 2, 'no terminal'],
    [`sessions kick ${id} --read-only --yes`, 4, 'read-only'],
    ['sessions kick ffffffffffffffff --yes', 1, 'no session'],
    ['sessions kick --all --dry-run', 0, undefined],
    ['unbind --all --expect 2', 6, 'match, not 2'],
  ] as const)('records refused writes, dry runs and failed writes: %s', async (line, exitCode, error) => {
    const {result, gate, outcome} = await journaled(line);
    expect(outcome.code).toBe(exitCode);
    expect(result?.exitCode).toBe(exitCode);
    if (error !== undefined) expect(result?.error).toContain(error);
    expect(writesOf(gate)).toEqual([]);
  });

  test('records an unknown outcome', async () => {
    const gate = aGate();
    gate.before = (fn) => {
      if (fn === 'UnBind') throw new OutcomeUnknownError('Gate@a did not answer UnBind within 2000 ms');
    };
    const {result} = await journaled(`unbind ${id}`, {gates: [gate]});
    expect(result).toMatchObject({exitCode: 7, error: 'Gate@a did not answer UnBind within 2000 ms'});
  });

  test('records the counts and each outcome of a bulk write', async () => {
    const gates = [aGate()];
    for (let at = 0; at < 5; at += 1) gates[0]?.add(aRow({sessionId: `s${at}`}));
    const {result} = await journaled('sessions kick --all --yes', {gates});
    expect(result?.counts).toEqual({targets: 6, done: 6, pending: 0, gone: 0, failed: 0, unknown: 0});
    expect(result?.changes?.length).toBe(6);
  });

  test('is not written by reads', async () => {
    const reads = ['sessions list', `sessions get ${id}`, 'gates list', `settings list ${id}`, 'audit list'];
    for (const line of reads) expect((await journaled(line)).intent).toBeUndefined();
  });

  test('C06: never contains a body or a secret', async () => {
    const canary = 'canary-4711-canary';
    const lines = [
      ['send', id, '/t', canary],
      ['send', '--uid', 'u1', '/t', canary],
      ['send', id, '/t', '--stdin'],
      ['broadcast', '/t', canary, '--yes'],
      ['settings', 'set', id, `apiToken=${canary}`],
      ['settings', 'set', '--all', `password=${canary}`],
    ];
    for (const line of lines) {
      const journal = memoryJournal();
      const world = {
        gates: [aGate()],
        journal,
        stdin: canary,
        env: {GATECTL_SERVER: `nats://u:${canary}@127.0.0.1`},
      };
      const {code} = await gatectl(line, world);
      expect(code, line.join(' ')).toBe(0);
      expect(JSON.stringify(journal.lines)).not.toContain(canary);
      expect(journal.lines.length).toBe(2);
    }
  });
});

describe('--reason', () => {
  test('a context can require it, which refuses writes without', async () => {
    const contexts = {prod: {server: 'nats://127.0.0.1', requireReason: true}};
    const without = await journaled(`unbind ${id}`, {contexts, selected: 'prod'});
    expect(without.outcome.code).toBe(2);
    expect(without.outcome.err).toContain('required by context "prod"');
    expect(writesOf(without.gate)).toEqual([]);
    const line = ['unbind', id, '--reason', 'he asked'];
    const {outcome, intent} = await journaled(line, {contexts, selected: 'prod'});
    expect(outcome.code).toBe(0);
    expect(intent?.reason).toBe('he asked');
    expect((await journaled(['sessions', 'list'], {contexts, selected: 'prod'})).outcome.code).toBe(0);
  });
});

describe('the journal as a file', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  test('A12: is private, holds whole lines and escapes hostile text', async () => {
    const file = path.join(folder.path, 'state', 'gatectl', 'journal.jsonl');
    const journal = openJournal(file);
    await gatectl(['unbind', id, '--reason', `x\n{"actor":"root"}${evilText}`], {gates: [aGate()], journal});
    const text = await fs.readFile(file, 'utf8');
    expect(dangersIn(text)).toEqual([]);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({phase}) => phase)).toEqual(['intent', 'result']);
    expect(lines[0].reason).toBe(`x\n{"actor":"root"}${evilText}`);
    expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
    await fs.appendFile(file, '{"half');
    const {out, code} = await gatectl('audit list -o json', {journal});
    expect(code).toBe(0);
    expect(JSON.parse(out).items).toMatchObject([{command: 'unbind', exitCode: 0}]);
  });

  test.each([['/dev/full'], ['/dev/null/journal.jsonl']])(
    'D20: %s: no write is done, reads are',
    async (file) => {
      const journal = openJournal(file);
      const writes = catalogue.filter(({risk}) => risk !== 'read').length;
      expect(writes).toBeGreaterThan(9);
      for (const line of [
        `sessions kick ${id} --yes`,
        `send ${id} /t x`,
        `bind ${id} u2`,
        `settings set ${id} a=b`,
      ]) {
        const gate = aGate();
        const {code, err} = await gatectl(line, {gates: [gate], journal});
        expect({line, code, calls: gate.calls}).toEqual({line, code: 74, calls: []});
        expect(err).toContain(`cannot write the journal "${file}"`);
      }
      expect((await gatectl('sessions list', {gates: [aGate()], journal})).code).toBe(0);
      expect((await gatectl(`unbind ${id} --read-only`, {gates: [aGate()], journal})).code).toBe(4);
    },
  );
});

describe('audit', () => {
  test('filters by time, command, target and words', async () => {
    const journal = memoryJournal();
    const world = {gates: [aGate()], journal, now: Date.UTC(2026, 0, 1)};
    await gatectl(`settings set ${id} room=b`, world);
    await gatectl(`bind ${id} u2`, {...world, now: Date.UTC(2026, 0, 2)});
    const rows = async (line: string): Promise<string[]> => {
      const {out} = await gatectl(`audit list -o jsonl ${line}`, {journal, now: Date.UTC(2026, 0, 2)});
      return out
        .split('\n')
        .filter((text) => text.startsWith('{"id"'))
        .map((text) => JSON.parse(text).command);
    };
    expect(await rows('')).toEqual(['settings set', 'bind']);
    expect(await rows('--since 1h')).toEqual(['bind']);
    expect(await rows('--command bind')).toEqual(['bind']);
    expect(await rows('--target u2')).toEqual(['bind']);
    expect(await rows(`--target ${id}`)).toEqual(['settings set', 'bind']);
    expect(await rows('--target nobody')).toEqual([]);
    expect(await rows('--words SETTINGS')).toEqual(['settings set']);
    expect(await rows('--words done --command bind')).toEqual(['bind']);
    expect(await rows('--words nothing-of-that')).toEqual([]);
    expect(await rows('--limit 1')).toEqual(['bind']);
    const {out} = await gatectl('audit export', {journal});
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).command),
    ).toEqual(['settings set', 'bind']);
  });
});

describe('settings undo', () => {
  const world = () => {
    const gate = aGate();
    return {gate, world: {gates: [gate], journal: memoryJournal()}};
  };
  const settingsOf = (gate: FakeGate) => ({...gate.rows.get(id)?.session.settings});

  test('undoes the last change, then the one before; keeps changes by others', async () => {
    const {gate, world: it} = world();
    await gatectl(`settings set ${id} room=b new=1`, it);
    await gatectl(`settings unset ${id} vip`, it);
    await gate.set(id, 'other', 'x');
    expect(settingsOf(gate)).toEqual({room: 'b', new: '1', other: 'x'});
    expect((await gatectl(`settings undo ${id}`, it)).code).toBe(0);
    expect(settingsOf(gate)).toEqual({room: 'b', new: '1', other: 'x', vip: '1'});
    expect((await gatectl(`settings undo ${id}`, it)).code).toBe(0);
    expect(settingsOf(gate)).toEqual({room: 'a', other: 'x', vip: '1'});
    const {code, err} = await gatectl(`settings undo ${id}`, it);
    expect({code, err}).toEqual({code: 1, err: expect.stringContaining('has no settings change for')});
  });

  test('refuses to undo a setting that has changed since, without --force', async () => {
    const {gate, world: it} = world();
    await gatectl(`settings set ${id} room=b`, it);
    await gate.set(id, 'room', 'c');
    const {code, err} = await gatectl(`settings undo ${id}`, it);
    expect({code, err}).toEqual({
      code: 5,
      err: expect.stringContaining('"room" has changed since: it is "c", expected "b"'),
    });
    expect(settingsOf(gate)).toMatchObject({room: 'c'});
    expect((await gatectl(`settings undo ${id} --force`, it)).code).toBe(0);
    expect(settingsOf(gate)).toMatchObject({room: 'a'});
  });

  test('refuses to restore a masked secret', async () => {
    const {gate, world: it} = world();
    await gate.set(id, 'apiToken', 'old');
    await gatectl(`settings unset ${id} apiToken`, it);
    const {code, err} = await gatectl(`settings undo ${id}`, it);
    expect({code, err}).toEqual({
      code: 2,
      err: expect.stringContaining('the journal masks values with secret names'),
    });
    expect(settingsOf(gate)).not.toHaveProperty('apiToken');
  });
});
