import {expect, test} from 'vitest';
import {Caller} from '../../../src/bus/rpc/caller.js';
import {errorResult, Responder} from '../../../src/bus/rpc/responder.js';
import {FakeBus} from '../../support/fake-bus.js';

const call = {fn: 'Update', args: [], write: false};

test('C1: remembers a node that answers a call twice for half a minute', async () => {
  const bus = new FakeBus();
  let now = 1000;
  const caller = new Caller(bus, {caller: 'test', hostname: 'test', timeoutMs: 1000, now: () => now});
  const serve = async () => errorResult('no');
  new Responder({bus, address: 'gate.once', serve});
  for (let process = 0; process < 2; process += 1) new Responder({bus, address: 'gate.twice', serve});
  for (const node of ['once', 'twice']) await caller.call({node, address: `gate.${node}`}, call);
  await bus.flush();
  expect(['once', 'twice', 'other'].map((node) => caller.isAnsweredTwice(node))).toEqual([
    false,
    true,
    false,
  ]);
  now += 30_000;
  expect(caller.isAnsweredTwice('twice')).toBe(false);
  caller.close();
});

test('C1: does not count a late answer as a second one', async () => {
  const bus = new FakeBus();
  const caller = new Caller(bus, {caller: 'test', hostname: 'test', timeoutMs: 5});
  let answer = (): void => {};
  const late = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const serve = async () => {
    await late;
    return errorResult('no');
  };
  new Responder({bus, address: 'gate.late', serve});
  await expect(caller.call({node: 'late', address: 'gate.late'}, call)).rejects.toThrow('did not answer');
  answer();
  await bus.flush();
  expect(caller.strayReplies).toBe(1);
  expect(caller.isAnsweredTwice('late')).toBe(false);
  caller.close();
});
