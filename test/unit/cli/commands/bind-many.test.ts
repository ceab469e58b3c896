import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {InterruptedError} from '../../../../src/base/errors.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';
import {temporaryFolder} from '../../../support/temp.js';

const idOf = (at: number): string => `5f00${at.toString(16).padStart(12, '0')}`;

function crowd(count: number): readonly [FakeGate, FakeGate] {
  const gates = [new FakeGate('Gate@a'), new FakeGate('Gate@b')] as const;
  for (let at = 0; at < count; at += 1) gates[at % 2 === 0 ? 0 : 1].add(aRow({sessionId: idOf(at)}));
  return gates;
}
const uidsOf = (gates: readonly FakeGate[]): Record<string, string> =>
  Object.fromEntries(
    gates.flatMap(({rows}) => [...rows.values()].map(({session}) => [session.sessionId, session.userId])),
  );
const pairs = (count: number): string =>
  Array.from({length: count}, (_, at) => `${idOf(at)} u${at}`).join('\n');

describe('binds of several pairs', () => {
  test('are given as words, or as a list of lines or JSON', async () => {
    const gates = crowd(6);
    const words = await gatectl(`bind ${idOf(0)} u0 Gate@b/${idOf(1)} u1`, {gates});
    expect([words.code, words.out.includes(`${idOf(1)}\t\tGate@b\tu1\tdone`)]).toEqual([0, true]);
    const stdin = `${idOf(2)}\tu2 with space\n{"id":"${idOf(3)}","gate":"Gate@b","uid":"u3"}\nuid:u0 u9`;
    expect((await gatectl('bind -', {gates, stdin})).code).toBe(0);
    expect(uidsOf(gates)).toEqual({
      [idOf(0)]: 'u9',
      [idOf(1)]: 'u1',
      [idOf(2)]: 'u2 with space',
      [idOf(3)]: 'u3',
      [idOf(4)]: '',
      [idOf(5)]: '',
    });
  });

  test.each([
    ['bind', '', 'missing uid: give pairs'],
    [`bind ${idOf(0)}`, '', 'missing uid: give pairs'],
    [`bind ${idOf(0)} u1 ${idOf(1)}`, '', 'missing uid: give pairs'],
    [`bind ${idOf(0)} u1 ${idOf(0)} u2`, '', 'has two uids, "u1" and "u2"'],
    ['bind -', `${idOf(0)} u1\n${idOf(1)}\n`, `line 2: invalid pair "${idOf(1)}"`],
    ['bind -', `${idOf(0)}\tu1\tGate@a\ttcp`, 'line 1: invalid uid "u1\\tGate@a\\ttcp": it has a tab'],
    ['bind -', `${idOf(0)} u1\n${idOf(0)} u2`, `line 2: "${idOf(0)}" has two uids`],
  ])('%s with "%s" is refused', async (line, stdin, text) => {
    const gates = crowd(2);
    const {code, err} = await gatectl(line, {gates, stdin});
    expect([code, err]).toEqual([2, expect.stringContaining(text)]);
    expect(Object.values(uidsOf(gates))).toEqual(['', '']);
  });

  test('apply the policies to each pair: a refused bind is an outcome', async () => {
    const gates = crowd(3);
    gates[0].add(aRow({sessionId: 'other00000', userId: 'u1'}));
    const refused = await gatectl(`bind ${idOf(0)} u0 ${idOf(1)} u1 --duplicate refuse`, {gates});
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('bind: 1 done, 1 failed')]);
    expect(uidsOf(gates)).toMatchObject({[idOf(0)]: 'u0', [idOf(1)]: ''});
    const line = `bind ${idOf(1)} u1 ${idOf(2)} u2 --duplicate takeover`;
    expect((await gatectl(line, {gates})).code).toBe(2); // it closes sessions, and nobody can be asked
    expect((await gatectl(`${line} --yes`, {gates})).code).toBe(0);
    expect(gates[0].rows.has('other00000')).toBe(false);
  });

  test('stop on Ctrl-C, and --resume binds exactly the rest', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'binds.jsonl');
    const gates = crowd(60);
    const stop = new AbortController();
    let binds = 0;
    for (const gate of gates)
      gate.before = (fn) => {
        if (fn === 'Bind') binds += 1;
        if (binds === 20) stop.abort(new InterruptedError('SIGINT'));
      };
    const line = `bind - --yes --expect 60 --rate 0 --outcome ${file}`;
    expect((await gatectl(line, {gates, stdin: pairs(60), signal: stop.signal})).code).toBe(130);
    const done = readFileSync(file, 'utf8').match(/"state":"done"/g)?.length ?? 0;
    const rest = await gatectl(`bind --resume ${file} --yes --expect ${60 - done} --rate 0`, {gates});
    expect(rest.code).toBe(0);
    for (const [id, uid] of Object.entries(uidsOf(gates)))
      expect(uid).toBe(`u${Number.parseInt(id.slice(4), 16)}`);
  });

  test('--plan sends nothing, and apply binds as planned, unless a session has another uid', async () => {
    await using folder = await temporaryFolder();
    const plan = path.join(folder.path, 'binds.plan');
    const gates = crowd(3);
    const line = `bind ${idOf(0)} u0 ${idOf(1)} u1 --if-bound refuse --plan ${plan}`;
    expect(await gatectl(line, {gates})).toMatchObject({
      code: 0,
      err: `would bind 2 sessions; nothing was sent\nto run the plan: gatectl apply ${plan}\n`,
    });
    expect(Object.values(uidsOf(gates))).toEqual(['', '', '']);
    await gatectl(`bind ${idOf(1)} other`, {gates});
    const stopped = await gatectl(`apply ${plan} --yes`, {gates});
    expect(stopped).toMatchObject({code: 5, err: expect.stringContaining('its uid is "other" now')});
    const applied = await gatectl(`apply ${plan} --yes --max-drift 1`, {gates});
    expect(applied).toMatchObject({
      code: 1,
      err: expect.stringContaining('bind: 1 done, 1 failed of 2 sessions'),
    });
    expect(uidsOf(gates)).toMatchObject({[idOf(0)]: 'u0', [idOf(1)]: 'other'}); // the plan keeps --if-bound refuse
  });
});
