import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {CallDeadlines} from '../../../../src/bus/rpc/call-deadlines.js';
import {PendingCall} from '../../../../src/bus/rpc/pending-call.js';

class SomeCall extends PendingCall {
  constructor(readonly name: string) {
    super({node: 'Gate@a', address: 'a'}, {fn: 'Set', write: true});
  }

  answered(): void {}

  failed(): void {}
}

let late: string[];
let deadlines: CallDeadlines;

beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
  late = [];
  deadlines = new CallDeadlines(
    (call) => {
      deadlines.remove(call);
      late.push((call as SomeCall).name);
    },
    () => performance.now(),
  );
});
afterEach(() => void vi.useRealTimers());

function begin(name: string, waitMs: number): SomeCall {
  const call = new SomeCall(name);
  deadlines.add(call, waitMs);
  return call;
}

/** Time passes, and then what was there to be read is read. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('deadlines of calls', () => {
  test('fire in time, independently of each other', async () => {
    begin('a', 100);
    await pass(30);
    begin('b', 100);
    begin('short', 20);
    await pass(19);
    expect(late).toEqual([]);
    await pass(1);
    expect(late).toEqual(['short']);
    await pass(49);
    expect(late).toEqual(['short']);
    await pass(1);
    expect(late).toEqual(['short', 'a']);
    await pass(29);
    expect(late).toEqual(['short', 'a']);
    await pass(1);
    expect(late).toEqual(['short', 'a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('share one timer for a thousand calls, and stop it afterwards', async () => {
    const calls = Array.from({length: 1000}, (_, at) => begin(`${at}`, 100));
    expect(vi.getTimerCount()).toBe(1);
    for (const at of [0, 999, 500]) deadlines.remove(calls[at] as SomeCall);
    await pass(100);
    const others = calls.map(({name}) => name).filter((name) => !['0', '999', '500'].includes(name));
    expect(late).toEqual(others);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('stop the timer with the last call', async () => {
    const [one, two] = [begin('one', 50), begin('two', 50)];
    deadlines.remove(two);
    deadlines.remove(one);
    expect(vi.getTimerCount()).toBe(0);
    begin('three', 50);
    await pass(50);
    expect(late).toEqual(['three']);
  });

  test('fire although another call is late', async () => {
    const again = new CallDeadlines(
      (call) => {
        again.remove(call);
        late.push((call as SomeCall).name);
        if (late.length === 1) again.add(new SomeCall('second'), 100);
      },
      () => performance.now(),
    );
    again.add(new SomeCall('first'), 100);
    await pass(60);
    again.add(new SomeCall('between'), 100);
    await pass(40);
    expect(late).toEqual(['first']);
    await pass(60);
    expect(late).toEqual(['first', 'between']);
    await pass(40);
    expect(late).toEqual(['first', 'between', 'second']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('do not fail a reply that arrived in time but was not read yet', async () => {
    const [one] = [begin('one', 50), begin('two', 50)];
    setTimeout(() => deadlines.remove(one), 50); // behind the deadline, as what is read is behind the timers
    await pass(50);
    expect(late).toEqual(['two']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('accept a timeout of any length', async () => {
    begin('for ever', Number.POSITIVE_INFINITY);
    begin('long', 2 ** 32);
    await pass(2 ** 31);
    expect(late).toEqual([]);
    await pass(2 ** 31);
    expect(late).toEqual(['long']);
  });
});
