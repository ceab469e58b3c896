import {expect, test} from 'vitest';
import {encodeConnection, readConnection} from '../../../../src/session/codec/connection-message.js';
import {ProtobufReader} from '../../../../src/session/codec/protobuf-reader.js';
import {decodeSessionPage, SessionPageWriter} from '../../../../src/session/codec/session-page.js';
import {encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import type {ConnectionState} from '../../../../src/session/connection-state.js';
import {aSession} from '../../../support/fake-gate.js';

const decoded = (bytes: Uint8Array): ConnectionState => readConnection(new ProtobufReader(bytes));

test.each<ConnectionState>([
  {},
  {waitingBytes: 0, waitingPackets: 0, lastSentAt: 1_700_000_000_000},
  {waitingBytes: 2 ** 40, waitingPackets: 3, oldestWaitingAt: 1_700_000_000_001, keepAliveEndsAt: 2},
  {subscribed: false, subscriptionCount: 0, subscriptions: []},
  {
    subscribed: true,
    subscriptionCount: 5,
    subscriptions: [
      {filter: '房间/#', qos: 1},
      {filter: '', qos: 0},
    ],
  },
])('a connection is read as it was written: %j', (state) => {
  expect(decoded(encodeConnection(state))).toEqual(state);
});

test('subscriptions that were not requested stay unknown', () => {
  expect(decoded(encodeConnection({subscriptionCount: 4}))).toEqual({subscriptionCount: 4});
});

test('unknown fields of a later version are skipped, and a truncated message is refused', () => {
  const later = Buffer.from([0x50, 7, 0x5a, 2, 1, 2, 0x08, 9]); // fields 10 and 11, and waitingBytes
  expect(decoded(later)).toEqual({waitingBytes: 9});
  const whole = encodeConnection({subscriptionCount: 1, subscriptions: [{filter: 'a/b', qos: 1}]});
  for (let cut = 1; cut < whole.length; cut += 1)
    if (cut !== 2) expect(() => decoded(whole.subarray(0, cut))).toThrow(); // 2 is the end of a field
});

test('a page carries connections beside rows without one', () => {
  const writer = new SessionPageWriter();
  const numbers = {connectedAt: 1, lastActiveAt: 2, received: 3, sent: 4};
  const [first, second] = [aSession(), aSession()];
  const state = {waitingBytes: 70_000, waitingPackets: 2, oldestWaitingAt: 5};
  writer.add({session: encodeSession(first), ...numbers, connection: encodeConnection(state)});
  writer.add({session: encodeSession(second), ...numbers});
  const page = decodeSessionPage(writer.finish('', {now: 9, sorted: true}));
  expect(page).toMatchObject({next: '', now: 9, sorted: true});
  expect(page.rows).toEqual([
    {session: first, ...numbers, connectionState: state},
    {session: second, ...numbers},
  ]);
});
