import {expect, test} from 'vitest';
import {progressBar, progressLine} from '../../../../src/output/terminal/progress.js';

test('shows done, total and rate', () => {
  expect(progressLine('kick', 250, 1000, 2500, 80)).toBe(
    'kick [######------------------] 250 of 1000, 100/s',
  );
  expect(progressLine('kick', 0, 0, 0, 80)).toBe('kick [------------------------] 0 of 0');
  expect(progressLine('kick', 250, 1000, 2500, 20)).toHaveLength(19);
});

test('draws at most ten times a second over itself, and erases itself at the end', async () => {
  let now = 0;
  const written: string[] = [];
  const sink = {
    isTerminal: true,
    columns: 80,
    write: async (text: string) => void written.push(text),
    writeBytes: async () => {},
    flush: async () => {},
  };
  const bar = progressBar(sink, {what: 'kick', total: 1000, now: () => now});
  for (let at = 0; at < 1000; at += 1) {
    now += 1;
    await bar.step();
  }
  await bar.end();
  expect(written.length).toBe(11);
  expect(written[1]).toBe('\r\u001b[Kkick [##----------------------] 101 of 1000, 1000/s');
  expect(written.at(-1)).toBe('\r\u001b[K');
});
