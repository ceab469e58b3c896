import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {CallError, InterruptedError} from '../../../../src/base/errors.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';
import {temporaryFolder} from '../../../support/temp.js';

const idOf = (at: number): string => `5f00${at.toString(16).padStart(12, '0')}`;

/** Sessions on three gates, of the users `u0…`, the first of whom has two. */
function crowd(count: number): readonly [FakeGate, FakeGate, FakeGate] {
  const gates = [new FakeGate('Gate@a'), new FakeGate('Gate@b'), new FakeGate('Gate@c')] as const;
  for (let at = 0; at < count; at += 1)
    gates[at % 3]?.add(aRow({sessionId: idOf(at), userId: `u${at}`, serverId: `Gate@${'abc'[at % 3]}`}));
  gates[1].add(aRow({sessionId: 'second0000', userId: 'u0'}));
  return gates;
}
const left = (gates: readonly FakeGate[]): number => gates.reduce((sum, {rows}) => sum + rows.size, 0);
const callCount = (gates: readonly FakeGate[], fn: string): number =>
  gates.flatMap(({calls}) => calls).filter((call) => call === fn).length;

describe('several named sessions', () => {
  test.each([
    [`sessions kick ${idOf(1)} Gate@c/${idOf(2)} uid:u4 --yes`],
    [`sessions kick --target ${idOf(1)} --target Gate@c/${idOf(2)} --target uid:u4 --yes`],
    [`sessions kick ${idOf(1)} ${idOf(1)} Gate@b/${idOf(1)} uid:u2 uid:u4 --yes`],
  ])('%s', async (line) => {
    const gates = crowd(9);
    const {code, out, err} = await gatectl(line, {gates});
    expect({code, err}).toEqual({code: 0, err: expect.stringContaining('kick: 3 done of 3 sessions')});
    expect(out.split('\n').filter((row) => row.endsWith('\tdone\t'))).toHaveLength(3);
    for (const at of [1, 2, 4]) expect(gates.some(({rows}) => rows.has(idOf(at)))).toBe(false);
    expect(left(gates)).toBe(7);
  });

  test('send, settings set, settings unset and unbind accept several sessions', async () => {
    const gates = crowd(9);
    const two = `--target ${idOf(1)} --target uid:u2`;
    expect((await gatectl(`send ${two} /t hello`, {gates})).code).toBe(0);
    expect(gates.flatMap(({sent}) => sent.map(({sessionId}) => sessionId)).sort()).toEqual([
      idOf(1),
      idOf(2),
    ]);
    expect((await gatectl(`settings set ${idOf(1)} uid:u2 room=a b=c`, {gates})).code).toBe(0);
    expect((await gatectl(`settings unset ${two} b`, {gates})).code).toBe(0);
    expect((await gatectl(`unbind ${idOf(1)} uid:u2`, {gates})).code).toBe(0);
    for (const [gate, at] of [
      [gates[1], 1],
      [gates[2], 2],
    ] as const)
      expect(gate.rows.get(idOf(at))?.session).toMatchObject({userId: '', settings: {room: 'a'}});
  });

  test('a uid with several sessions exits 5 and lists them, unless --all-sessions is given', async () => {
    const gates = crowd(9);
    for (const line of [
      'sessions get uid:u0',
      'sessions kick uid:u0 --yes',
      'sessions kick uid:u0 uid:u1 --yes',
    ]) {
      const {code, err} = await gatectl(line, {gates});
      expect({line, code, err}).toEqual({
        line,
        code: 5,
        err: expect.stringContaining(`uid "u0" has 2 sessions: Gate@a/${idOf(0)}, Gate@b/second0000`),
      });
    }
    expect(left(gates)).toBe(10);
    expect((await gatectl('sessions kick uid:u0 --all-sessions --yes', {gates})).code).toBe(0);
    expect(left(gates)).toBe(8);
    expect((await gatectl('sessions kick uid:nobody --yes', {gates})).code).toBe(1);
  });

  test('a missing session stops the write, unless --ignore-missing is given', async () => {
    const gates = crowd(9);
    const refused = await gatectl(`sessions kick ${idOf(1)} ffffffffffffffff --yes`, {gates});
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('1 of 2 sessions not found ("ffffffffffffffff"); nothing was sent'),
    ]);
    expect(left(gates)).toBe(10);
    const done = await gatectl(`sessions kick ${idOf(1)} ffffffffffffffff --yes --ignore-missing`, {gates});
    expect([done.code, left(gates)]).toEqual([0, 9]);
  });

  test.each([['sessions kick'], ['unbind'], ['send'], ['settings set'], ['settings unset']])(
    '%s --ignore-missing exits 0 for one missing session and for many, but not for a uid without uid:',
    async (command) => {
      const gates = crowd(3);
      const rest = {send: '/t body', 'settings set': 'a=b', 'settings unset': 'a'}[command] ?? '';
      const run = async (target: string) =>
        (
          await gatectl(`${command} ${target} ${rest} --yes --ignore-missing`, {
            gates,
            stdin: 'feed01\nfeed02',
          })
        ).code;
      expect([await run('ffffffff'), await run('uid:nobody'), await run('-'), await run('u1')]).toEqual([
        0, 0, 0, 1,
      ]);
      expect(left(gates)).toBe(4);
    },
  );

  test('a prefix is refused in a write while stdin is a list, whose lines a person did not type', async () => {
    for (const line of ['sessions kick - --yes', 'sessions kick second --yes', 'send second /t hello']) {
      const gates = crowd(9);
      const world = {gates, terminal: ['out', 'err'], stdin: 'second\n', answers: 'y\n'} as const;
      expect([line, (await gatectl(line, world)).code]).not.toEqual([line, 0]);
      expect([left(gates), gates.flatMap(({sent}) => sent)]).toEqual([10, []]);
    }
  });

  test('a prefix is accepted by reads, and by writes on a terminal', async () => {
    const gates = crowd(1);
    const prefix = 'second';
    expect((await gatectl(`sessions get ${prefix}`, {gates})).out).toContain('second0000');
    expect((await gatectl(`settings list Gate@b/${prefix}`, {gates})).code).toBe(0);
    expect((await gatectl('sessions get secon', {gates})).code).toBe(1);
    const piped = await gatectl(`sessions kick ${prefix} --yes`, {gates});
    expect([piped.code, left(gates)]).toEqual([1, 2]);
    const typed = await gatectl(`sessions kick ${prefix} ${idOf(0)} --yes`, {gates, terminal: 'all'});
    expect([typed.code, left(gates)]).toEqual([0, 0]);
  });

  test.each([
    ['sessions kick --uid u1 5f00 --yes', 2, 'cannot combine session "5f00" with selection flags'],
    ['sessions kick --all --target 5f00 --yes', 2, 'cannot combine session "5f00" with selection flags'],
    ['sessions kick Gate@zz/5f00 5f01 --yes', 1, 'no gate "Gate@zz" in the registry'],
    ['sessions kick - - --yes', 2, '"-" given twice'],
    ['send - /t -', 2, 'cannot read both the sessions and the body from stdin'],
    ['sessions kick uid: --yes', 2, 'the uid is empty'],
  ])('%s is refused', async (line, code, text) => {
    const gates = crowd(3);
    const outcome = await gatectl(line, {gates, stdin: idOf(0)});
    expect({code: outcome.code, err: outcome.err}).toEqual({code, err: expect.stringContaining(text)});
    expect(left(gates)).toBe(4);
  });
});

describe('a list on stdin', () => {
  test('accepts ids, references, uids and JSON lines of a listing, each session once', async () => {
    const gates = crowd(9);
    const json = (await gatectl('sessions list --uid u5 -o jsonl', {gates})).out;
    const stdin = `# kick these\r\n\n${idOf(1)}\n Gate@c/${idOf(2)}\nuid:u4\n${json}${idOf(1)}\n{"uid":"u6"}`;
    const {code, err} = await gatectl('sessions kick - --yes', {gates, stdin});
    expect({code, err}).toEqual({code: 0, err: expect.stringContaining('kick: 5 done of 5 sessions')});
    expect(left(gates)).toBe(5);
  });

  test('reports invalid lines and writes nothing', async () => {
    const gates = crowd(9);
    const stdin = `${idOf(1)}\ntwo words\n${idOf(2)}\n{"id":\n{"gate":"Gate@a"}\na/b/c\n${'x y\n'.repeat(4)}`;
    const {code, err} = await gatectl('sessions kick - --yes', {gates, stdin});
    expect(code).toBe(2);
    expect(err).toContain('invalid list on stdin: line 2: invalid session "two words"; line 4: invalid JSON');
    expect(err).toContain('line 5: expected "id" or "uid" in the JSON object; line 6:');
    expect(err).toContain('and 3 more lines');
    expect(err).toContain(
      'hint: nothing was sent; write one target per line, as a listing with -o ids or -o jsonl',
    );
    expect([left(gates), gates.flatMap(({calls}) => calls)]).toEqual([10, []]);
    expect((await gatectl('sessions kick - --yes', {gates, stdin: '\n# none\n'})).err).toContain('is empty');
  });

  test('leaves out sessions that are gone, by line, and asks for the count above ten', async () => {
    const gates = crowd(60);
    const list = Array.from({length: 50}, (_, at) => (at === 20 ? 'feedfeedfeedfeed' : idOf(at)));
    const stdin = list.join('\n');
    const asked = await gatectl('sessions kick - --yes', {gates, stdin});
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('--expect 49')]);
    const {code, err} = await gatectl('sessions kick - --yes --expect 49', {gates, stdin});
    expect(code).toBe(0);
    expect(err).toContain('1 of 50 sessions not found (line 21: "feedfeedfeedfeed"); left out');
    expect(left(gates)).toBe(61 - 49);
  });

  test('is resolved by one listing if it is long', async () => {
    const gates = crowd(3000);
    const stdin = Array.from({length: 2000}, (_, at) => (at % 2 === 0 ? idOf(at) : `uid:u${at}`)).join('\n');
    const {code, out} = await gatectl('sessions kick - --dry-run -o ids', {gates, stdin});
    expect([code, out.split('\n').length - 1]).toEqual([0, 2000]);
    expect(out.split('\n')[3]).toBe(`Gate@a/${idOf(3)}`); // in the order of the list
    expect(callCount(gates, 'Update') + callCount(gates, 'GatectlFind')).toBe(0);
    expect(callCount(gates, 'GatectlList')).toBeLessThan(60);
  });

  test('is resolved by id on a gate that cannot list, and stops at a silent gate', async () => {
    const gates = crowd(90);
    gates[2].stock = true;
    const stdin = Array.from({length: 60}, (_, at) => idOf(at)).join('\n');
    const found = await gatectl('sessions kick - --dry-run -o ids', {gates, stdin});
    expect([found.code, found.out.split('\n').length - 1]).toEqual([0, 60]);
    expect(callCount(gates, 'Update')).toBe(20);
    gates[2].before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@c', fn}, 'Gate@c did not answer within 2000 ms');
    };
    const refused = await gatectl('sessions kick - --yes --expect 60', {gates, stdin});
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('nothing was sent')]);
    const partial = await gatectl('sessions kick - --yes --expect 40 --allow-partial', {gates, stdin});
    expect([partial.code, gates[0].rows.size + gates[1].rows.size]).toEqual([0, 21]);
  });

  test('stops on Ctrl-C, and --resume writes exactly the rest', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'kicks.jsonl');
    const gates = crowd(300);
    const stdin = Array.from({length: 300}, (_, at) => idOf(at)).join('\n');
    const stop = new AbortController();
    let kicks = 0;
    for (const gate of gates)
      gate.before = (fn) => {
        if (fn === 'Close') kicks += 1;
        if (kicks === 100) stop.abort(new InterruptedError('SIGINT'));
      };
    const line = `sessions kick - --yes --expect 300 --outcome ${file}`;
    expect((await gatectl(line, {gates, stdin, signal: stop.signal})).code).toBe(130);
    const done = readFileSync(file, 'utf8').match(/"state":"done"/g)?.length ?? 0;
    expect(done).toBeGreaterThan(0);
    expect(left(gates)).toBeLessThan(301);
    const before = callCount(gates, 'Close');
    const rest = await gatectl(`sessions kick --resume ${file} --yes --expect ${300 - done}`, {gates});
    expect(rest.code).toBe(0);
    expect([left(gates), callCount(gates, 'Close') - before]).toEqual([1, 300 - done]);
  });
});
