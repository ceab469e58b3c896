import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {LiveSession, type SessionConnection} from '../../../../src/gate/sessions/live-session.js';
import {SessionPageEncoder} from '../../../../src/gate/sessions/session-page-encoder.js';
import {scanSessions} from '../../../../src/gate/sessions/session-scan.js';
import {SessionTable} from '../../../../src/gate/sessions/session-table.js';
import {decodeSessionPage} from '../../../../src/session/codec/session-page.js';
import {newSession} from '../../../../src/session/session.js';
import {runs} from '../../../support/tiers.js';

const connection = {} as SessionConnection; // the table never touches it
const live = (sessionId: string, userId = '') =>
  new LiveSession(newSession({sessionId, userId}), connection, 1);

function filled(count: number, now = () => 2) {
  const table = new SessionTable();
  const sessions = Array.from({length: count}, (_, index) => live(`s${index}`));
  for (const session of sessions) table.add(session);
  return {
    table,
    sessions,
    pages: new SessionPageEncoder({table, nodeId: 'Gate@t', limitBytes: 10_000, startedAt: 1, now}),
  };
}

describe('paged listings', () => {
  test('return each session once, in pages within the limit', () => {
    const {pages} = filled(1000);
    const seen: string[] = [];
    let after = '';
    do {
      const bytes = pages.list(after);
      expect(bytes.length).toBeLessThanOrEqual(10_000);
      const page = decodeSessionPage(bytes);
      seen.push(...page.rows.map(({session}) => session.sessionId));
      after = page.next;
    } while (after !== '');
    expect(seen).toEqual(Array.from({length: 1000}, (_, index) => `s${index}`));
  });

  test('return a session that stays connected exactly once despite changes between pages', () => {
    const change = fc.record({add: fc.nat({max: 40}), remove: fc.nat({max: 40}), pick: fc.nat()});
    fc.assert(
      fc.property(
        fc.array(change, {minLength: 1, maxLength: 12}),
        fc.integer({min: 1, max: 9}),
        (changes, limit) => {
          const {table, sessions, pages} = filled(60);
          const stays = new Set(sessions.filter((_, index) => index % 3 === 0));
          const movers = sessions.filter((session) => !stays.has(session));
          const seen: string[] = [];
          let after = '';
          let turn = 0;
          do {
            const page = decodeSessionPage(pages.list(after, limit));
            seen.push(...page.rows.map(({session}) => session.sessionId));
            after = page.next;
            const {add, remove, pick} = changes[turn % changes.length] ?? {add: 0, remove: 0, pick: 0};
            for (let count = 0; count < remove && movers.length > 0; count += 1) {
              const [gone] = movers.splice(pick % movers.length, 1);
              if (gone !== undefined) table.remove(gone);
            }
            for (let count = 0; count < add && turn < 20; count += 1) {
              const comer = live(`n${turn}-${count}`);
              table.add(comer);
              movers.push(comer);
            }
            turn += 1;
          } while (after !== '');
          expect(new Set(seen).size).toBe(seen.length);
          for (const session of stays) expect(seen).toContain(session.id);
        },
      ),
      {numRuns: runs(100)},
    );
  });

  test('end with the sessions that were there at the start, however fast others connect', () => {
    const {table, sessions, pages} = filled(20);
    const seen: string[] = [];
    let after = '';
    for (let turn = 0; turn === 0 || after !== ''; turn += 1) {
      expect(turn).toBeLessThan(4);
      if (turn === 1) for (const one of sessions.slice(18)) table.remove(one); // the end itself is gone
      const page = decodeSessionPage(pages.list(after, 8));
      seen.push(...page.rows.map(({session}) => session.sessionId));
      for (let count = 0; count < 10; count += 1) table.add(live(`n${turn}-${count}`));
      after = page.next;
    }
    expect(seen).toEqual(sessions.slice(0, 18).map(({id}) => id));
  });

  test('end a slow page early, and still complete', () => {
    let ms = 0;
    const {pages, sessions} = filled(100, () => ms++);
    const sizes: number[] = [];
    const seen: string[] = [];
    let after = '';
    do {
      const {rows, next} = decodeSessionPage(pages.list(after));
      seen.push(...rows.map(({session}) => session.sessionId));
      sizes.push(rows.length);
      after = next;
    } while (after !== '');
    expect(sizes).toEqual([64, 36]); // the clock, looked at once in sixteen sessions, runs a millisecond each time
    expect(seen).toEqual(sessions.map(({id}) => id));
  });

  test('skip sessions that connect meanwhile', async () => {
    const {table} = filled(5000);
    let looks = 0;
    await scanSessions(table, () => {
      looks += 1;
      if (looks <= 20_000) queueMicrotask(() => table.add(live(`n${table.newest}`)));
    });
    expect(looks).toBe(5000);
  });

  test('keep order and size of a table after many changes', () => {
    const {table, sessions} = filled(5000);
    for (const session of sessions.slice(0, 4990)) table.remove(session);
    expect([...table.after(0)].map(({id}) => id)).toEqual(sessions.slice(4990).map(({id}) => id));
    expect([...table.after(sessions[4994]?.sequence ?? 0)].map(({id}) => id)).toEqual(
      sessions.slice(4995).map(({id}) => id),
    );
    expect(table.size).toBe(10);
    expect(table.remove(sessions[0] ?? live('x'))).toBe(false);
  });

  test('reject a cursor of an earlier process', () => {
    const {pages} = filled(3);
    for (const cursor of ['9z-1-3', 'x', '1', '1-', '1-x', '1-2', '1-2-', '1-0-3', '1-3-2', '1-2-3x']) {
      expect(() => pages.list(cursor)).toThrow('not issued by this run of the gate');
    }
    expect(decodeSessionPage(pages.list('1-2-3')).rows.map(({session}) => session.sessionId)).toEqual(['s2']);
  });
});

describe('sessions by uid', () => {
  test('follow every bind, rebind, unbind and close', () => {
    const table = new SessionTable();
    const [a, b] = [live('a', 'u1'), live('b')];
    table.add(a);
    table.add(b);
    expect([table.bound, table.hasUser('u1'), table.hasUser('')]).toEqual([1, true, false]);
    b.setUserId('u1');
    table.rebound(b, '');
    expect(table.ofUser('u1')).toEqual([a, b]);
    a.setUserId('u2');
    table.rebound(a, 'u1');
    expect([table.ofUser('u1'), table.ofUser('u2'), table.bound]).toEqual([[b], [a], 2]);
    table.remove(b);
    expect([table.hasUser('u1'), table.bound]).toEqual([false, 1]);
  });
});
