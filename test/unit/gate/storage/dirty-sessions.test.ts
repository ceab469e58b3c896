import {expect, test} from 'vitest';
import {FormerUserSession} from '../../../../src/gate/sessions/live-session.js';
import {DirtySessions} from '../../../../src/gate/storage/dirty-sessions.js';
import {aSession} from '../../../support/fake-gate.js';

const maxDirty = 100_000;

/** An unsaved session, whose looks at its connection are counted. */
function unsaved(userId: string, isClosed: boolean, looks: {count: number}) {
  const session = new FormerUserSession(aSession({userId}), 1, undefined);
  const connection = {
    get closed() {
      looks.count += 1;
      return isClosed;
    },
  };
  return Object.assign(Object.create(session) as FormerUserSession, {connection});
}

test('above the limit, the oldest closed sessions are dropped, in constant time for each that is added', async () => {
  const looks = {count: 0};
  const dropped: string[] = [];
  const dirty = new DirtySessions(
    () => Promise.resolve(),
    (line) => dropped.push(/uid "(.*?)"/.exec(line)?.[1] ?? line),
  );
  const add = (from: number, to: number, isClosed: boolean): void => {
    for (let at = from; at < to; at += 1) dirty.add(unsaved(`u${at}`, isClosed, looks));
  };
  add(0, 10_000, false);
  add(10_000, maxDirty, true);
  expect(looks.count).toBe(0);
  add(maxDirty, maxDirty + 10_000, true);
  expect(looks.count).toBeLessThan(10_000 * 64);
  expect(dirty.size).toBeGreaterThanOrEqual(maxDirty);
  expect(dirty.size).toBeLessThan(maxDirty + 200); // it passed the open ones with the first additions
  expect(dropped.slice(0, 2)).toEqual(['u10000', 'u10001']);
  await dirty.stop(0);
});

test('open sessions are kept above the limit', async () => {
  const looks = {count: 0};
  const dirty = new DirtySessions(
    () => Promise.resolve(),
    () => {},
  );
  for (let at = 0; at < maxDirty + 100; at += 1) dirty.add(unsaved(`u${at}`, false, looks));
  expect(dirty.size).toBe(maxDirty + 100);
  expect(looks.count).toBeLessThanOrEqual(100 * 64);
  await dirty.stop(0);
});
