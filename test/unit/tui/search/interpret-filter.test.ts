import {describe, expect, test} from 'vitest';
import {interpretFilter} from '../../../../src/tui/search/interpret-filter.js';
import {fieldMatches, matchCountsByField} from '../../../../src/tui/search/plain-search.js';
import {dangersIn, evilText} from '../../../support/evil.js';
import {aRow} from '../../../support/fake-gate.js';

async function filterOf(text: string) {
  const understood = await interpretFilter('sessions', text);
  if ('fault' in understood) throw new Error(understood.fault.message);
  return understood.filter;
}

describe('a pasted reference', () => {
  test.each([
    ['Gate@a1/5f008e4b69780dc3', 'id == "5f008e4b69780dc3" && gate == "Gate@a1"'],
    ['  "Gate@a1/5f008e4b69780dc3", ', 'id == "5f008e4b69780dc3" && gate == "Gate@a1"'],
    ['session=Gate@a1/5f00', 'id == "5f00" && gate == "Gate@a1"'],
    ['uid:u42', 'uid == "u42"'],
    ['uid: u42', 'uid == "u42"'],
    ['"uid":"u42",', 'uid == "u42"'],
    ["userId='u42'", 'uid == "u42"'],
    ['{"sessionId": "5f008e4b69780dc3"}', 'id == "5f008e4b69780dc3"'],
    ['10:22:01 closed session=5f00 uid=u42 why=timeout', 'id == "5f00"'],
    ['kick session 5f00 of uid u42 on Gate@a', 'id == "5f00"'],
    ['ip=10.0.0.7:51234', 'ip == "10.0.0.7"'],
  ])('%s is %s', async (text, selector) => {
    const filter = await filterOf(text);
    expect(filter.selector?.text).toBe(selector);
    expect(filter.search).toBeUndefined();
  });

  test.each([
    ['  5f008e4b69780dc3\n', '5f008e4b69780dc3'],
    ['"5f008e4b69780dc3"', '5f008e4b69780dc3'],
    ['`u42`,', 'u42'],
    ['5f008e4b…', '5f008e4b'],
    ['5f008e4b 69780dc3', '5f008e4b69780dc3'],
    ['10.0.0.7:51234', '10.0.0.7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['"uid == 5"', 'uid == 5'],
    ['Mozilla/5.0 (X11; Linux)', 'Mozilla/5.0 (X11; Linux'],
    ['28', '28'],
    ['cTRl', 'cTRl'],
    ['aGVsbG8=', 'aGVsbG8='],
    ['ZXZpbA==', 'ZXZpbA=='],
  ])('%s searches for %s', async (text, words) => {
    expect((await filterOf(text)).search).toBe(words);
  });
});

describe('a mistyped selector', () => {
  test.each([
    ['uid contains "28"', 'uid.contains("28")'],
    ['uid contains 28', 'uid.contains("28")'],
    ['uid = u28', 'uid == "u28"'],
    ['uid == null', 'guest'],
    ['uid is not null', '!guest'],
    ['settings.vip == null', '!has(settings.vip)'],
    ['network == TCP', 'network == "tcp"'],
    ['network = ws', 'network == "websocket"'],
    ['uid == u28', 'uid == "u28"'],
    ["user = 'u28'", 'uid == "u28"'],
    ['uid starts with u2', 'uid.startsWith("u2")'],
    ['uid is not u2', 'uid != "u2"'],
    ['uid =~ ^u[0-9]+$', 're(uid, "^u[0-9]+$")'],
    ['settings.room=lobby', 'settings.room == "lobby"'],
    ['uidd == "a"', 'uid == "a"'],
    ['vip == 1', 'settings.vip == "1"'],
    ['room == lobby', 'settings.room == "lobby"'],
    ['settings.room = lobby and not guest', 'settings.room == "lobby" && !guest'],
    ['age > 5m', 'age > duration("5m")'],
    ['uid.contains("x") and idle > 10s', 'uid.contains("x") && idle > duration("10s")'],
    ['(uid = a or uid = b) and received > 5', '(uid == "a" || uid == "b") && received > 5'],
  ])('%s', async (text, selector) => {
    expect((await filterOf(text)).selector?.text).toBe(selector);
  });

  test.each([['uid == '], ['guest && '], ['uid == "x'], ['age > soon']])('%s stays a fault', async (text) => {
    expect(await interpretFilter('sessions', text)).toHaveProperty('fault.message');
  });

  test('a valid selector is not changed', async () => {
    const text = 'uid == "a" || settings.exists(k, settings[k] == "and")';
    expect((await filterOf(text)).selector?.text).toBe(text);
  });
});

describe('a plain search', () => {
  const row = aRow({
    userId: 'u28',
    sessionId: '5f28',
    ip: '10.0.0.28:9',
    settings: {room: 'lobby', b28: 'x'},
  });

  test('finds the words in uid, id, IP, names and values of settings', async () => {
    expect(fieldMatches(row, '28').map(({field}) => field)).toEqual(['uid', 'id', 'ip', 'settings.b28']);
    expect(fieldMatches(row, 'lob')).toEqual([{field: 'settings.room', value: 'lobby'}]);
    expect(fieldMatches(row, 'room=lob')).toEqual([{field: 'settings.room', value: 'lobby'}]);
    expect(matchCountsByField([row, aRow({userId: '281'})], '28')).toMatch(/^uid 2, id \d/);
  });

  test.each(['28', 'lob', 'room=lob', '5f2', '0.0.28', 'nothing', '"', '\\', evilText])(
    'its selector finds exactly the sessions in which it names a match: %j',
    async (words) => {
      const {selector, search} = await filterOf(words.trim() === '"' ? 'q"q' : words);
      for (const one of [row, aRow({settings: {k: evilText}}), aRow({userId: 'q"q\\'})]) {
        const isMatch = fieldMatches(one, search ?? '').length > 0;
        expect(selector?.matches(one, 'Gate@a', 0)).toBe(isMatch);
      }
      expect(dangersIn(selector?.text ?? '')).toEqual([]);
    },
  );

  test('also looks up the words as a complete uid and a complete id', async () => {
    const {exact} = await filterOf('u28');
    expect(exact?.map(({text}) => text)).toEqual(['uid == "u28"', 'id == "u28"']);
    expect((await filterOf('two words')).exact).toEqual([]);
  });

  test('does not change a search of the journal', async () => {
    expect(await interpretFilter('journal', 'uid: u42')).toEqual({filter: {text: 'uid: u42'}});
  });
});
