import type {Environment} from '@marcbachmann/cel-js';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {errorText} from '../../../src/output/text/error-text.js';
import {createCelEnvironment, evaluateSelector} from '../../../src/selector/cel-library.js';
import {celStringLiteral, celTerms, joinCelTerms} from '../../../src/selector/cel-terms.js';
import {parseSelector} from '../../../src/selector/selector.js';
import {loadSelectorFunctions} from '../../../src/selector/selector-functions.js';
import {newSession, type SessionRow, stringBag} from '../../../src/session/session.js';
import {fastestCpuMs} from '../../support/fastest.js';
import {runs} from '../../support/tiers.js';

const now = 1_000_000_000;

function aRow(
  fields: Partial<SessionRow> & {uid?: string; ip?: string; settings?: Record<string, string>} = {},
) {
  const {uid = 'u1', ip = '10.1.2.3:4711', settings = {}, ...numbers} = fields;
  const session = newSession({
    userId: uid,
    ip,
    network: 'tcp',
    sessionId: 's1',
    settings: stringBag(Object.entries(settings)),
  });
  return {session, connectedAt: now - 600_000, lastActiveAt: now - 30_000, received: 7, sent: 3, ...numbers};
}

async function matches(text: string, row: SessionRow = aRow()): Promise<boolean> {
  return (await parseSelector(text)).matches(row, 'Gate@a', now);
}

async function faultOf(text: string): Promise<string> {
  const error = await parseSelector(text).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error, text).toBeInstanceOf(UsageError);
  return errorText(error, {json: false, verbose: false, debug: false});
}

describe('a selector', () => {
  test.each([
    ['uid == "u1"', true],
    ['uid != "u1"', false],
    ['uid in ["a", "u1"]', true],
    ['uid in ["a", "b"]', false],
    ['guest', false],
    ['!guest && gate == "Gate@a"', true],
    ['ip == "10.1.2.3"', true],
    ['cidr(ip, "10.0.0.0/8")', true],
    ['cidr(ip, "10.2.0.0/16")', false],
    ['cidr(ip, "::/0")', false],
    ['network == "tcp" && id == "s1"', true],
    ['settings.vip == "1"', true],
    ['settings["vip"] == "2"', false],
    ['"vip" in settings', true],
    ['has(settings.vip) && !has(settings.nope)', true],
    ['settings.nope == "1"', false],
    ['!(settings.nope == "1")', false], // an error is no match, as in cel-go
    ['settings.nope == "1" || uid == "u1"', true],
    ['uid == "u1" || settings.nope == "1"', true],
    ['!(settings.nope == "1" && guest)', true],
    ['age > duration("5m")', true],
    ['age > duration("11m")', false],
    ['idle >= duration("30s") && idle < duration("0.5h")', true],
    ['received > 5 && sent <= 3', true],
    ['received >= 6.5', true],
    ['re(uid, "^u[0-9]+$")', true],
    ['re(settings.vip, "^[2-9]$")', false],
    ['uid.startsWith("u") && uid.endsWith("1") && uid.contains("1")', true],
    ['uid < "u2"', true],
    // what only the library evaluates
    ['guest ? true : received > 5', true],
    ['settings.exists(k, k == "vip")', true],
    ['settings.?nope.orValue("x") == "x"', true],
    ['uid.size() == 2', true],
    ['received + sent == 10', true],
    ['settings.nope.size() == 1', false],
  ])('%s is %s', async (text, expected) => {
    expect(await matches(text, aRow({settings: {vip: '1'}}))).toBe(expected);
  });

  test('does not match values that the gate does not know', async () => {
    const row = aRow({connectedAt: 0});
    expect(await matches('age > duration("0s")', row)).toBe(false);
    expect(await matches('age < duration("1h")', row)).toBe(false);
  });

  test('B17: has no negative ages when a clock is behind', async () => {
    const row = aRow({connectedAt: now + 3_600_000});
    expect(await matches('age >= duration("0s") && age < duration("1s")', row)).toBe(true);
  });

  test("ignores the prototype's keys in settings", async () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      expect(await matches(`"${key}" in settings`)).toBe(false);
      expect(await matches(`settings["${key}"] == "x"`)).toBe(false);
      const own = aRow();
      const withKey = {...own, session: {...own.session, settings: stringBag([[key, 'x']])}};
      expect(await matches(`"${key}" in settings && settings["${key}"] == "x"`, withKey)).toBe(true);
      expect(await matches(`settings.exists(k, k == "${key}")`, withKey)).toBe(true);
    }
  });

  test('matches a hostile pattern in linear time', async () => {
    const ms = await fastestCpuMs(async () => {
      expect(await matches('re(uid, "^(a+)+$")', aRow({uid: `${'a'.repeat(5000)}!`}))).toBe(false);
    });
    expect(ms).toBeLessThan(2000);
  });
});

describe('an invalid selector', () => {
  test('marks the position', async () => {
    expect(await faultOf('guest && uidd == "a"')).toBe(
      [
        'error: invalid selector: unknown field "uidd"',
        '  guest && uidd == "a"',
        '           ^^^^',
        'hint: did you mean uid? the fields are uid, id, ip, network, gate, guest, settings, age, idle, received, sent; strings need quotes: uid == "u1"',
        '',
      ].join('\n'),
    );
  });

  test.each([
    ['uid = "x"', 'write uid == "x"'],
    ['guest and uid == "a"', 'use && for and'],
    ['not guest', 'use ! for not'],
    ['connectedAt > "yesterday"', 'age < duration("24h")'],
    ['lastActiveAt < 5', 'idle > duration("1h")'],
    ["uid == 'x", 'close the quote'],
    ['uid == 3', 'uids and settings are strings'],
    ['age > 300', 'duration("5m")'],
    ['age > duration("5 minutes")', 'invalid duration "5 minutes"'],
    ['uid.matches("^(a+)+$")', 're(uid,'],
    ['re(uid, "(")', 'missing closing )'],
    ['re(uid, settings.pattern)', 'a string in quotes'],
    ['cidr(ip, "10.0.0.0/33")', 'invalid address block'],
    ['cidr(ip, "ten")', 'invalid address block'],
    ['uid', 'expected a condition, got a string'],
    ['"u" in uid', 'uid.contains'],
    ['settings.exists(a, settings.exists(b, a == b))', 'nested loops are not supported'],
    ['', 'the selector is empty'],
    ['x'.repeat(70_000), 'longer than 65536 characters'],
    [`${'('.repeat(100)}guest${')'.repeat(100)}`, 'maxDepth'],
  ])('%s', async (text, expected) => {
    expect(await faultOf(text)).toContain(expected);
  });

  test('is cut and sanitised if long or hostile, with the mark in place', async () => {
    const shown = await faultOf(`uid == "${'x'.repeat(200)}\u202e" && uidd == "a"`);
    const [, text = '', mark = ''] = shown.split('\n');
    expect(text).toContain('\\u{202e}');
    expect(text.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('uidd');
    expect(text.length).toBeLessThan(100);
  });
});

describe('short flags', () => {
  test('build the same selector as --where', () => {
    expect(
      joinCelTerms([
        celTerms.uids(['a"b', 'c']),
        celTerms.guest(),
        celTerms.cidr('10.0.0.0/8'),
        celTerms.setting('k=v'),
        celTerms.setting('k!=v'),
        celTerms.setting('k'),
        celTerms.setting('!k'),
        celTerms.olderThan(300_000),
      ]),
    ).toBe(
      'uid in ["a\\"b", "c"] && guest && cidr(ip, "10.0.0.0/8") && "k" in settings && settings["k"] == "v" && ' +
        '!("k" in settings && settings["k"] == "v") && "k" in settings && !("k" in settings) && age > duration("300000ms")',
    );
    expect(joinCelTerms([])).toBeUndefined();
    expect(joinCelTerms(['a || b', 'c'])).toBe('(a || b) && c');
  });

  test('B19: never turn a value into syntax', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({unit: 'binary'}),
          fc.constantFrom('x" || true || "', '\\", true', 'a\\', '\n"', '\u2028', 'uid="x" OR 1=1'),
        ),
        async (value) => {
          const row = aRow({uid: value, settings: {k: value}});
          const selector = await parseSelector(
            joinCelTerms([celTerms.uids([value]), celTerms.setting(`k=${value}`)]) ?? '',
          );
          expect(selector.matches(row, 'g', now)).toBe(true);
          expect(selector.matches(aRow({uid: `${value}x`}), 'g', now)).toBe(false);
          expect(celStringLiteral(value)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        },
      ),
      {numRuns: runs(300)},
    );
  });
});

describe('closures and the library', () => {
  const key = fc.constantFrom('vip', 'room', 'nope', '__proto__');
  const text = fc.constantFrom('u1', 'u2', '', '1', 'lobby');
  const atom = fc.oneof(
    fc
      .tuple(fc.constantFrom('uid', 'network', 'id', 'gate'), fc.constantFrom('==', '!=', '<', '>='), text)
      .map(([f, op, v]) => `${f} ${op} "${v}"`),
    fc.tuple(key, fc.constantFrom('==', '!='), text).map(([k, op, v]) => `settings["${k}"] ${op} "${v}"`),
    key.map((k) => `"${k}" in settings`),
    key.filter((k) => k !== '__proto__').map((k) => `has(settings.${k})`),
    fc.constantFrom(
      'guest',
      'true',
      'false',
      're(uid, "^u")',
      'cidr(ip, "10.0.0.0/8")',
      'uid.startsWith("u")',
    ),
    fc
      .tuple(
        fc.constantFrom('age', 'idle'),
        fc.constantFrom('<', '<=', '>', '>='),
        fc.integer({min: 0, max: 20}),
      )
      .map(([f, op, m]) => `${f} ${op} duration("${m}m")`),
    fc
      .tuple(
        fc.constantFrom('received', 'sent'),
        fc.constantFrom('<', '==', '>='),
        fc.integer({min: 0, max: 9}),
      )
      .map(([f, op, n]) => `${f} ${op} ${n}`),
    fc
      .tuple(key, text)
      .map(([k, v]) => `settings.exists(k, k.contains("${k}") || settings[k].contains("${v}"))`),
    fc
      .tuple(fc.constantFrom('uid', 'k'), text)
      .map(([name, v]) => `settings.exists(${name}, ${name} != "nope" && settings["room"] > "${v}")`),
    fc
      .array(text, {minLength: 1, maxLength: 3})
      .map((list) => `uid in [${list.map((one) => `"${one}"`).join(', ')}]`),
  );
  const {expression} = fc.letrec<{expression: string}>((tie) => ({
    expression: fc.oneof(
      {maxDepth: 4},
      atom,
      fc
        .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie('expression').map((inner) => `!(${inner})`),
    ),
  }));
  const row = fc
    .record({
      uid: text,
      ip: fc.constantFrom('10.0.0.1:1', '::1', 'nonsense', '192.168.0.1'),
      settings: fc.dictionary(key, text),
      connectedAt: fc.constantFrom(0, now - 1_200_000, now - 60_000, now),
      lastActiveAt: fc.constantFrom(0, now - 60_000),
      received: fc.nat(9),
      sent: fc.nat(9),
    })
    .map(aRow);

  test('the variable of exists() hides a field of the same name', async () => {
    const row = aRow({uid: 'u1', settings: {nope: 'u1'}} as never);
    const selector = await parseSelector('settings.exists(uid, uid != "nope")');
    expect(selector.matches(row, 'Gate@a', now)).toBe(false);
  });

  test('give the same result for every row', async () => {
    const functions = await loadSelectorFunctions('re(');
    const environment: Environment = createCelEnvironment(functions);
    await fc.assert(
      fc.asyncProperty(expression, fc.array(row, {minLength: 1, maxLength: 5}), async (text, rows) => {
        const selector = await parseSelector(text);
        const run = environment.parse(text);
        for (const one of rows) {
          const subject = {row: one, node: 'Gate@a', now};
          expect(selector.matches(one, 'Gate@a', now), text).toBe(evaluateSelector(run, subject));
        }
      }),
      {numRuns: runs(1500)},
    );
  });
});
