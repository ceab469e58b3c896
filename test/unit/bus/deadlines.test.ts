import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {Deadlines} from '../../../src/bus/deadlines.js';
import {PendingCall} from '../../../src/bus/pending-call.js';

class SomeCall extends PendingCall {
  constructor(readonly name: string) {
    super({node: 'Gate@a', address: 'a'}, {fn: 'Set', write: true});
  }

  answered(): void {}

  failed(): void {}
}

let late: string[];
let deadlines: Deadlines;

beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
  vi.stubGlobal('setImmediate', (run: () => void) => run()); // there are no sockets here that would be read before
  late = [];
  deadlines = new Deadlines(
    (call) => {
      deadlines.remove(call);
      late.push((call as SomeCall).name);
    },
    () => performance.now(),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function begin(name: string, patienceMs: number): SomeCall {
  const call = new SomeCall(name);
  deadlines.add(call, patienceMs);
  return call;
}

describe('deadlines of calls', () => {
  test('each comes at its time, whatever others wait for', () => {
    begin('a', 100);
    vi.advanceTimersByTime(30);
    begin('b', 100);
    begin('short', 20);
    vi.advanceTimersByTime(19);
    expect(late).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(late).toEqual(['short']);
    vi.advanceTimersByTime(49);
    expect(late).toEqual(['short']);
    vi.advanceTimersByTime(1);
    expect(late).toEqual(['short', 'a']);
    vi.advanceTimersByTime(29);
    expect(late).toEqual(['short', 'a']);
    vi.advanceTimersByTime(1);
    expect(late).toEqual(['short', 'a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('one timer watches a thousand calls, and none is left when all have ended', () => {
    const calls = Array.from({length: 1000}, (_, at) => begin(`${at}`, 100));
    expect(vi.getTimerCount()).toBe(1);
    for (const at of [0, 999, 500]) deadlines.remove(calls[at] as SomeCall);
    vi.advanceTimersByTime(100);
    const others = calls.map(({name}) => name).filter((name) => !['0', '999', '500'].includes(name));
    expect(late).toEqual(others);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('the last that ends takes the timer with it', () => {
    const [one, two] = [begin('one', 50), begin('two', 50)];
    deadlines.remove(two);
    deadlines.remove(one);
    expect(vi.getTimerCount()).toBe(0);
    begin('three', 50);
    vi.advanceTimersByTime(50);
    expect(late).toEqual(['three']);
  });

  test('a call that begins while another is late has its own time', () => {
    const again = new Deadlines(
      (call) => {
        again.remove(call);
        late.push((call as SomeCall).name);
        if (late.length === 1) again.add(new SomeCall('second'), 100);
      },
      () => performance.now(),
    );
    again.add(new SomeCall('first'), 100);
    vi.advanceTimersByTime(60);
    again.add(new SomeCall('between'), 100);
    vi.advanceTimersByTime(40);
    expect(late).toEqual(['first']);
    vi.advanceTimersByTime(60);
    expect(late).toEqual(['first', 'between']);
    vi.advanceTimersByTime(40);
    expect(late).toEqual(['first', 'between', 'second']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('no patience is too long for a timer', () => {
    begin('for ever', Number.POSITIVE_INFINITY);
    begin('long', 2 ** 32);
    vi.advanceTimersByTime(2 ** 31);
    expect(late).toEqual([]);
    vi.advanceTimersByTime(2 ** 31);
    expect(late).toEqual(['long']);
  });
});
