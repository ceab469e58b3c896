import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  InFlightMessages,
  type UnacknowledgedMessage,
} from '../../../../src/gate/sessions/in-flight-messages.js';
import type {DeliveryOutcome} from '../../../../src/session/gate-api.js';

/** Messages to a client, which has what was written and may acknowledge it. */
function client(window: number, maxWaitingBytes = 1024 * 1024) {
  const inFlight = new InFlightMessages({window, maxWaitingBytes});
  const written: number[] = [];
  const settled: [name: string, DeliveryOutcome][] = [];
  const push = (name: string, {bytes = 10, fails = false} = {}): UnacknowledgedMessage => {
    const outgoing: UnacknowledgedMessage = {
      bytes,
      write: (packetId) => {
        if (fails) throw new Error('no room');
        written.push(packetId);
      },
      settle: (delivery) => settled.push([name, delivery]),
    };
    inFlight.push(outgoing);
    return outgoing;
  };
  const states = () => settled.map(([name, {state}]) => `${name} ${state}`);
  return {inFlight, written, settled, push, states};
}

describe('messages in flight', () => {
  test('are written up to the window, and then one for each PUBACK, in order', () => {
    const {inFlight, written, push, states} = client(2);
    for (const name of ['a', 'b', 'c', 'd']) push(name);
    expect(written).toEqual([1, 2]);
    inFlight.acknowledge(2, 0);
    expect(written).toEqual([1, 2, 3]);
    inFlight.acknowledge(1, 0x10);
    expect(written).toEqual([1, 2, 3, 4]);
    expect(states()).toEqual(['b acknowledged', 'a acknowledged']);
  });

  test('a PUBACK with an error code refuses the message; one for an unknown id is ignored', () => {
    const {inFlight, settled, push} = client(2);
    push('a');
    inFlight.acknowledge(9, 0);
    inFlight.acknowledge(1, 0x97);
    inFlight.acknowledge(1, 0);
    expect(settled).toEqual([['a', {state: 'refused', detail: 'the client answered with reason code 0x97'}]]);
  });

  test('an abandoned message counts for the window and keeps its id until its PUBACK', () => {
    const {inFlight, written, push, states} = client(1);
    const first = push('a');
    expect(inFlight.abandon(first)).toMatchObject({state: 'unacknowledged'});
    const second = push('b');
    expect(written).toEqual([1]);
    expect(inFlight.abandon(second)).toEqual({
      state: 'unsent',
      detail: '1 earlier message is not acknowledged',
    });
    push('c');
    inFlight.acknowledge(1, 0);
    expect(written).toEqual([1, 2]);
    inFlight.acknowledge(2, 0);
    expect(states()).toEqual(['c acknowledged']);
  });

  test('waiting messages are bounded by their bytes', () => {
    const {push, settled} = client(1, 1000);
    push('sent', {bytes: 5000});
    push('waits', {bytes: 500});
    push('too many', {bytes: 500});
    expect(settled).toEqual([
      ['too many', {state: 'unsent', detail: 'too many messages wait for the client'}],
    ]);
  });

  test('a message that cannot be written does not count for the window', () => {
    const {push, written, states} = client(1);
    push('a', {fails: true});
    push('b');
    expect(written).toHaveLength(1);
    expect(states()).toEqual(['a unsent']);
  });

  test('are settled by close: sent messages as unknown, waiting ones as not sent', () => {
    const {inFlight, push, states} = client(1);
    push('a');
    push('b');
    inFlight.close();
    expect(states()).toEqual(['a unacknowledged', 'b unsent']);
    inFlight.acknowledge(1, 0);
    expect(states()).toHaveLength(2);
  });

  test('an id in use is not given again, even after 65,535 others', () => {
    const {inFlight, written, push} = client(3);
    push('kept'); // packet id 1
    for (let at = 0; at < 65_540; at += 1) {
      push('others');
      inFlight.acknowledge(written.at(-1) ?? 0, 0);
    }
    expect(Math.max(...written.slice(-7))).toBe(65_535);
    expect(written.filter((id) => id === 1)).toHaveLength(1);
    expect(written.includes(0)).toBe(false);
  });

  test('never exceed the window, in any order of events', () => {
    const event = fc.oneof(fc.constant('push' as const), fc.nat(40));
    fc.assert(
      fc.property(fc.integer({min: 1, max: 5}), fc.array(event, {maxLength: 60}), (window, events) => {
        const {inFlight, written, push, settled} = client(window);
        const open = () => written.filter((id) => !acknowledged.has(id));
        const acknowledged = new Set<number>();
        let pushed = 0;
        for (const one of events) {
          if (one === 'push') push(`m${pushed++}`);
          else if (written.includes(one)) {
            acknowledged.add(one);
            inFlight.acknowledge(one, 0);
          }
          expect(open().length).toBeLessThanOrEqual(window);
        }
        inFlight.close();
        expect(settled).toHaveLength(pushed);
      }),
      {numRuns: 100},
    );
  });
});
