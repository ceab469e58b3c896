import {describe, expect, test} from 'vitest';
import {EventFilter} from '../../../../src/cluster/watch/event-filter.js';
import {parseSelector} from '../../../../src/selector/selector.js';
import type {EventKind, SessionEvent} from '../../../../src/session/codec/event-page.js';
import {stringBag} from '../../../../src/session/session.js';
import {aRow} from '../../../support/fake-gate.js';

const anEvent = (kind: EventKind, uid: string, more: Partial<SessionEvent> = {}): SessionEvent => {
  const sessionId = '00000000000000aa';
  const row = aRow({sessionId, userId: uid, settings: stringBag([['room', uid === 'neo' ? 'zion' : '']])});
  return {...row, kind, at: 3_000, uidBefore: '', keys: [], why: '', ...more};
};

describe('events of a gate that cannot filter', () => {
  test('include matching ones, and the one by which a session leaves the selection', async () => {
    const filter = new EventFilter(await parseSelector('settings.room == "zion"'), 'Gate@go');
    const taken = [
      anEvent('connected', ''),
      anEvent('settings', 'neo'),
      anEvent('settings', 'smith'),
      anEvent('settings', 'smith'),
    ].map((event) => filter.takes(event));
    expect(taken).toEqual([false, true, true, false]);
  });

  test('use the previous uid for the previous state', async () => {
    const filter = new EventFilter(await parseSelector('uid == "neo"'), 'Gate@go');
    expect(filter.takes(anEvent('unbound', '', {uidBefore: 'neo'}))).toBe(true);
    expect(filter.takes(anEvent('unbound', '', {uidBefore: 'smith'}))).toBe(false);
  });

  test('forget a closed session', async () => {
    const filter = new EventFilter(await parseSelector('uid == "neo"'), 'Gate@go');
    expect(filter.takes(anEvent('closed', 'neo'))).toBe(true);
    expect(filter.takes(anEvent('closed', ''))).toBe(false);
  });

  test("use the gate's clock for the age", async () => {
    const filter = new EventFilter(await parseSelector('age >= duration("2s")'), 'Gate@go');
    expect(filter.takes(anEvent('settings', 'neo'))).toBe(true);
    expect(filter.takes(anEvent('settings', 'smith', {connectedAt: 2_500, at: 3_000}))).toBe(true);
    expect(filter.takes(anEvent('settings', 'smith', {connectedAt: 2_500, at: 3_000}))).toBe(false);
  });
});
