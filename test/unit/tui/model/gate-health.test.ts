import {expect, test} from 'vitest';
import {TestDashboard} from '../../../support/dashboard.js';
import {FakeGate} from '../../../support/fake-gate.js';
import {until} from '../../../support/poll.js';

function gates(): readonly [FakeGate, FakeGate, FakeGate] {
  const all = [new FakeGate('Gate@a'), new FakeGate('Gate@b'), new FakeGate('Gate@go')] as const;
  all[2].health = {residentBytes: 3 * 2 ** 20, heapBytes: 2 ** 20, goroutines: 7};
  return [...all];
}

test('the overview has a column of each value of health, and sorts by it', async () => {
  const [a, b, go] = gates();
  b.health = {...b.health, loopDelayMs: 90};
  await using dashboard = new TestDashboard({gates: [a, b, go], size: {columns: 200, rows: 50}});
  await dashboard.shows('DELAY', 'WAITING', 'HEAP', 'MEMORY', '90 ms', '3.0 MiB');
  dashboard.type(':sort delay');
  dashboard.press('enter');
  const order = (screen: string) => screen.match(/Gate@\w+(?= +live)/g);
  await until(() => order(dashboard.terminal.text())?.join() === 'Gate@b,Gate@a,Gate@go', {
    what: 'the order by delay',
  });
});

test('a column with a value that doctor warns of is shown on a narrow screen, coloured', async () => {
  const [a, b, go] = gates();
  await using dashboard = new TestDashboard({gates: [a, b, go], size: {columns: 80, rows: 24}});
  expect(await dashboard.shows('Gate@b')).not.toMatch(/DELAY|WAITING/);
  b.health = {...b.health, loopDelayMs: 250};
  dashboard.press('ctrl-r');
  const screen = await dashboard.shows('DELAY', '! 250 ms');
  expect(screen).not.toContain('WAITING');
});

test('the row of all gates counts the memory of a process once', async () => {
  const all = gates();
  for (const [at, gate] of all.entries()) {
    gate.pid = at === 2 ? 7 : 5;
    gate.health = {residentBytes: 3 * 2 ** 20, heapBytes: 2 ** 20};
  }
  await using dashboard = new TestDashboard({gates: all, size: {columns: 200, rows: 50}});
  const row = /all gates.*/.exec(await dashboard.shows('all gates', '6.0 MiB', '2.0 MiB'))?.[0];
  expect(row).toMatch(/2\.0 MiB +6\.0 MiB/);
});
