import {expect, test} from 'vitest';
import {UnsentPackets} from '../../../../src/gate/mqtt/unsent-packets.js';

/** A queue whose client reads when the test says so. */
class Client {
  readonly queue = new UnsentPackets();
  waiting = 0;

  write(bytes: number, at: number): void {
    const before = this.waiting;
    this.waiting += bytes;
    this.queue.add(before, this.waiting, at);
  }

  reads(bytes: number): void {
    this.waiting -= bytes;
  }

  get state() {
    return this.queue.state(this.waiting);
  }
}

test('a connection without a packet has sent nothing', () => {
  expect(new Client().state).toEqual({waitingBytes: 0, waitingPackets: 0});
});

test('a client that reads has nothing waiting', () => {
  const client = new Client();
  client.write(10, 1_000);
  client.reads(10);
  expect(client.state).toEqual({waitingBytes: 0, waitingPackets: 0, lastSentAt: 1_000});
  client.write(5, 2_000);
  expect(client.state).toEqual({
    waitingBytes: 5,
    waitingPackets: 1,
    oldestWaitingAt: 2_000,
    lastSentAt: 1_000,
  });
});

test('the queue of a client that stops reading grows, and its oldest packet ages', () => {
  const client = new Client();
  client.write(10, 1_000);
  client.reads(10);
  client.write(20, 2_000);
  client.write(30, 2_000);
  client.write(40, 3_000);
  client.write(50, 4_000);
  expect(client.state).toEqual({
    waitingBytes: 140,
    waitingPackets: 4,
    oldestWaitingAt: 2_000,
    lastSentAt: 1_000,
  });
});

test('a slow client: packets leave from the front', () => {
  const client = new Client();
  for (let at = 1; at <= 5; at += 1) client.write(10, at * 1_000);
  client.reads(15);
  expect(client.state).toMatchObject({waitingPackets: 4, oldestWaitingAt: 2_000, lastSentAt: 1_000});
  client.write(10, 6_000);
  client.reads(25);
  expect(client.state).toEqual({
    waitingBytes: 20,
    waitingPackets: 2,
    oldestWaitingAt: 5_000,
    lastSentAt: 4_000,
  });
  client.reads(20);
  expect(client.state).toEqual({waitingBytes: 0, waitingPackets: 0, lastSentAt: 6_000});
});

test('a client that never catches up takes memory only for waiting packets', () => {
  const client = new Client();
  client.write(10, 0);
  for (let at = 1; at <= 10_000; at += 1) {
    client.write(10, at);
    client.reads(10);
  }
  expect(client.state).toMatchObject({waitingBytes: 10, waitingPackets: 1, oldestWaitingAt: 10_000});
  expect(JSON.stringify(client.queue).length).toBeLessThan(500);
});
