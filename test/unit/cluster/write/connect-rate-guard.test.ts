import {expect, test} from 'vitest';
import type {Cluster} from '../../../../src/cluster/cluster.js';
import {waitForExcessiveConnects} from '../../../../src/cluster/write/connect-rate-guard.js';
import {FakeGate} from '../../../support/fake-gate.js';
import {fakeCluster} from '../../../support/run-cli.js';

/** Gates whose clock and connects grow with every reading: so many new connections a second. */
function cluster(...perSecond: readonly number[]): {readonly cluster: Cluster; readonly gates: string[]} {
  const gates = perSecond.map((rate, at) => {
    const gate = new FakeGate(`Gate@${at}`);
    let readings = 0;
    gate.stats = async () => {
      readings += 1;
      const totals = {disconnects: 0, received: 0, sent: 0, dirty: 0, sessions: 0, bound: 0, startedAt: 0};
      return {...totals, now: readings * 1000, connects: readings * rate};
    };
    return gate;
  });
  return {cluster: fakeCluster(gates), gates: gates.map(({nodeId}) => nodeId)};
}

/** Ends the watch after so many waits. */
function waits(most: number) {
  const end = new AbortController();
  let count = 0;
  const wait = async () => {
    count += 1;
    if (count === most) end.abort();
  };
  return {signal: end.signal, wait};
}

test('names a gate with more new connections per second than allowed', async () => {
  const seen = await waitForExcessiveConnects({...cluster(10, 301, 10), most: 300, ...waits(5)});
  expect(seen?.message).toBe('stopped: Gate@1 has 301 new connections a second, more than the limit of 300');
  expect(seen?.hint).toContain('--max-connects');
});

test('accepts the allowed number', async () => {
  expect(await waitForExcessiveConnects({...cluster(10, 300), most: 300, ...waits(5)})).toBeUndefined();
});

test('ignores the reset counter of a restarted gate', async () => {
  const gate = new FakeGate('Gate@0');
  const readings = [
    {now: 1000, connects: 5000},
    {now: 2000, connects: 3},
    {now: 3000, connects: 10},
  ];
  const totals = {disconnects: 0, received: 0, sent: 0, dirty: 0, sessions: 0, bound: 0, startedAt: 0};
  gate.stats = async () => ({...totals, ...(readings.shift() ?? {now: 4000, connects: 20})});
  expect(
    await waitForExcessiveConnects({cluster: fakeCluster([gate]), gates: ['Gate@0'], most: 50, ...waits(4)}),
  ).toBeUndefined();
});
