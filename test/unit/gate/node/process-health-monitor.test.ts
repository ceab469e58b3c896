import {afterEach, expect, test} from 'vitest';
import {ProcessHealthMonitor} from '../../../../src/gate/node/process-health-monitor.js';
import {LiveSession, type SessionConnection} from '../../../../src/gate/sessions/live-session.js';
import {SessionTable} from '../../../../src/gate/sessions/session-table.js';
import {newSession} from '../../../../src/session/session.js';
import {until} from '../../../support/poll.js';

const open: ProcessHealthMonitor[] = [];
afterEach(() => {
  for (const health of open.splice(0)) health.stop();
});

function measured(table = new SessionTable()): ProcessHealthMonitor {
  const health = new ProcessHealthMonitor(table);
  open.push(health);
  return health;
}

test('sums the queues of all connections, and reports the memory of the process', async () => {
  const table = new SessionTable();
  for (let at = 0; at < 5000; at += 1) {
    const connection = {waitingBytes: at % 2} as SessionConnection;
    table.add(new LiveSession(newSession({sessionId: `s${at}`}), connection, 1));
  }
  const {
    waitingBytes,
    residentBytes = 0,
    heapBytes = 0,
    heapLimitBytes = 0,
  } = await measured(table).measure();
  expect(waitingBytes).toBe(2500);
  expect(residentBytes).toBeGreaterThan(heapBytes);
  expect(heapLimitBytes).toBeGreaterThan(heapBytes);
  expect(heapBytes).toBeGreaterThan(1_000_000);
});

test('reports for how long the event loop was held', async () => {
  const health = measured();
  const reported = async (): Promise<boolean> => {
    const held = performance.now();
    while (performance.now() - held < 150); // again for a monitor that had not begun
    return ((await health.measure()).loopDelayMs ?? 0) >= 100;
  };
  await until(reported, {what: 'the delay', everyMs: 50});
});
