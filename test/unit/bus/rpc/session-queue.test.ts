import {expect, test} from 'vitest';
import {SessionQueue, type SessionQueueTurn} from '../../../../src/bus/rpc/session-queue.js';

/** Begins, and leaves when it is told to. */
class Call implements SessionQueueTurn {
  behind: SessionQueueTurn | undefined;

  constructor(
    private readonly queue: SessionQueue,
    private readonly id: string,
    private readonly onBegin: (call: Call) => void,
  ) {
    queue.enter(id, this);
  }

  begin(): void {
    this.onBegin(this);
  }

  leave(): void {
    this.queue.leave(this.id, this);
  }
}

test('runs calls on one session in order, and on others concurrently', async () => {
  const queue = new SessionQueue();
  const begun: string[] = [];
  const call = (id: string, name: string): Call => new Call(queue, id, () => begun.push(name));
  const [first, second] = [call('a', 'a1'), call('a', 'a2')];
  call('a', 'a3');
  const other = call('b', 'b1');
  expect(begun).toEqual(['a1', 'b1']);
  other.leave();
  first.leave();
  await Promise.resolve();
  expect(begun).toEqual(['a1', 'b1', 'a2']);
  second.leave();
  await Promise.resolve();
  expect(begun).toEqual(['a1', 'b1', 'a2', 'a3']);
  call('b', 'b2');
  expect(begun.at(-1)).toBe('b2');
});

test('rejects a hundred thousand failing calls on one session in order', async () => {
  const queue = new SessionQueue();
  let ended = 0;
  let isInOrder = true;
  let isOpen = false;
  const calls = Array.from(
    {length: 100_000},
    (_, at) =>
      new Call(queue, 'a', (call) => {
        isInOrder &&= ended === at;
        ended += 1;
        if (isOpen) call.leave();
      }),
  );
  isOpen = true;
  calls[0]?.leave();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(calls.length);
  expect(isInOrder).toBe(true);
});
