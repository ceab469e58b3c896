import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {expect, test} from 'vitest';
import {
  decodeEventPage,
  type EncodedSessionEvent,
  encodeEventPage,
} from '../../../../src/session/codec/event-page.js';
import {encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import {aSession} from '../../../support/fake-gate.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function pageOf(number: number): Uint8Array {
  const session = encodeSession(aSession({sessionId: `session-${number}`, traceId: 'x'.repeat(400)}));
  const event: EncodedSessionEvent = {
    ...{kind: 'settings', at: 1, session, uidBefore: '', keys: [], why: ''},
    ...{connectedAt: 1, lastActiveAt: 1, received: 1, sent: 1},
  };
  return encodeEventPage(new Array<EncodedSessionEvent>(100).fill(event), {first: 1, feed: 1});
}

test('a kept event does not keep its page in memory', () => {
  const pages = Array.from({length: 200}, (_, at) => pageOf(at));
  const pageBytes = pages.reduce((sum, {length}) => sum + length, 0);
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = pages.map((page) => decodeEventPage(page).events[50]?.session);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(pageBytes / 4);
  expect(kept[7]?.sessionId).toBe('session-7');
});
