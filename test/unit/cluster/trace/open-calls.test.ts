import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type CallReply, type OpenCall, OpenCalls} from '../../../../src/cluster/trace/open-calls.js';
import type {CallOutcome} from '../../../../src/cluster/trace/traced-call.js';
import {runs} from '../../../support/tiers.js';

const aCall = (at: number, fn = 'F'): OpenCall => ({
  ...{at, fn, node: '', address: '', caller: '', hostname: '', ids: [], uid: '', callBytes: 1},
  ...{body: undefined, session: undefined},
});
const anAnswer = (at: number, error = ''): CallReply => ({
  ...{at, error, bytes: 1, uid: '', result: undefined, session: undefined},
});

function pairing({waitMs = 100, most = 10} = {}) {
  const ended: [string, CallOutcome, number | undefined][] = [];
  const calls = new OpenCalls({
    waitMs,
    most,
    onEnd: (call, outcome, answer) => ended.push([call.fn, outcome, answer && answer.at - call.at]),
  });
  return {calls, ended};
}

describe('calls and replies', () => {
  test('a reply ends its call, as an error if it is one', () => {
    const {calls, ended} = pairing();
    calls.begin('a', aCall(1, 'A'));
    calls.begin('b', aCall(2, 'B'));
    calls.answer('b', anAnswer(5, 'no'));
    calls.answer('a', anAnswer(6));
    expect(ended).toEqual([
      ['B', 'error', 3],
      ['A', 'ok', 5],
    ]);
    expect(calls.counts).toMatchObject({calls: 2, answered: 2, errors: 1, strayReplies: 0});
  });

  test('a late or unknown reply is stray', () => {
    const {calls, ended} = pairing();
    calls.begin('a', aCall(0, 'A'));
    calls.answer('a', anAnswer(100));
    calls.answer('z', anAnswer(101));
    expect(ended).toEqual([['A', 'unanswered', undefined]]);
    expect(calls.counts).toMatchObject({unanswered: 1, answered: 0, strayReplies: 2});
  });

  test('the oldest call is dropped and counted above the bound', () => {
    const {calls, ended} = pairing({most: 2});
    for (const [at, name] of ['A', 'B', 'C'].entries()) calls.begin(name, aCall(at, name));
    expect(ended).toEqual([['A', 'missed', undefined]]);
    expect(calls.size).toBe(2);
    expect(calls.counts).toMatchObject({overflowed: 1, missed: 0});
  });

  test('D8: calls above the limit take time in proportion to their number', () => {
    const call = aCall(0);
    const calls = new OpenCalls({waitMs: 100, most: 100_000, onEnd: () => {}});
    const {user} = process.cpuUsage();
    for (let at = 0; at < 400_000; at += 1) calls.begin(String(at), call);
    expect(calls.size).toBeLessThanOrEqual(100_000);
    expect(process.cpuUsage({user, system: 0}).user).toBeLessThan(1.5e6); // 24 s if one is dropped at a time
  });

  test('open calls are marked as missed after a gap', () => {
    const {calls, ended} = pairing();
    calls.begin('a', aCall(1, 'A'));
    calls.miss();
    calls.answer('a', anAnswer(3));
    expect(ended).toEqual([['A', 'missed', undefined]]);
    expect(calls.counts).toMatchObject({missed: 1, strayReplies: 1});
  });

  test('every call ends exactly once in any sequence', () => {
    const step = fc.record({
      what: fc.constantFrom('call', 'silent', 'answer', 'miss', 'expire'),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      ms: fc.integer({min: 0, max: 60}),
      error: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, {maxLength: 60}), (steps) => {
        const {calls, ended} = pairing({most: 3});
        let [now, begun, answers] = [0, 0, 0];
        for (const {what, key, ms, error} of steps) {
          now += ms;
          if (what === 'call' || what === 'silent') begun += 1;
          if (what === 'answer') answers += 1;
          if (what === 'call') calls.begin(key, aCall(now));
          else if (what === 'silent') calls.begin(undefined, aCall(now));
          else if (what === 'answer') calls.answer(key, anAnswer(now, error ? 'no' : ''));
          else if (what === 'miss') calls.miss();
          else calls.expire(now);
        }
        calls.end();
        const {counts, size} = calls;
        const {answered, noReply, unanswered, missed, overflowed} = counts;
        expect(counts.calls).toBe(begun);
        expect(answered + noReply + unanswered + missed + overflowed + size).toBe(begun);
        expect(answered + counts.strayReplies).toBe(answers);
        expect(ended).toHaveLength(begun);
        expect(size).toBeLessThanOrEqual(3);
      }),
      {numRuns: runs(2000)},
    );
  });
});
