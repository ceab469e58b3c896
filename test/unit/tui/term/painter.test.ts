import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {createPainter, type Painter} from '../../../../src/tui/term/painter.js';

let written: string[];
let size: {columns: number; rows: number};
let painter: Painter;

beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  size = {columns: 20, rows: 4};
  painter = createPainter({write: (text) => written.push(text), size: () => size, now: () => Date.now()});
  painter.show('one\ntwo\nthree');
});

afterEach(() => vi.useRealTimers());

const rows = (text = written.at(-1) ?? ''): string[] =>
  [...text.matchAll(/\[(\d+);1H/g)].map((match) => match[1] ?? '');

test('draws the first frame completely, then only changed lines', () => {
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('\u001b[2J');
  vi.advanceTimersByTime(1000);
  painter.show('one\nTWO\nthree');
  expect(rows()).toEqual(['2']);
  expect(written[1]).not.toContain('\u001b[2J');
});

test('erases a removed line', () => {
  vi.advanceTimersByTime(1000);
  painter.show('one');
  expect(rows()).toEqual(['2', '3']);
  expect(written.at(-1)).not.toContain('two');
});

test('shows complete frames only', () => {
  expect(written[0]?.startsWith('\u001b[?2026h')).toBe(true);
  expect(written[0]?.endsWith('\u001b[?2026l')).toBe(true);
});

test('writes nothing for an unchanged frame', () => {
  vi.advanceTimersByTime(1000);
  painter.show('one\ntwo\nthree');
  expect(written).toHaveLength(1);
});

test('draws at most 12 frames a second, and always the last one', () => {
  for (let at = 0; at < 3000; at += 5) {
    painter.show(`frame ${at}`);
    vi.advanceTimersByTime(5);
  }
  vi.advanceTimersByTime(200);
  expect(written.length).toBeLessThanOrEqual(3 * 12 + 2);
  expect(written.length).toBeGreaterThan(3 * 11);
  expect(written.at(-1)).toContain('frame 2995');
});

test('draws a reply to a key at once', () => {
  vi.advanceTimersByTime(20); // a frame was shown 20 ms ago
  painter.show('data');
  expect(written).toHaveLength(1);
  painter.paintSoon();
  expect(written.at(-1)).toContain('data');
  vi.advanceTimersByTime(20);
  painter.show('answer');
  expect(written.at(-1)).toContain('answer');
});

test('redraws everything for a new size, cut to its rows', () => {
  vi.advanceTimersByTime(1000);
  size = {columns: 20, rows: 2};
  painter.invalidate();
  expect(written.at(-1)).toContain('\u001b[2J');
  expect(rows()).toEqual(['1', '2']);
});

test('writes nothing while another program uses the terminal, then draws the newest frame', () => {
  painter.pause();
  painter.show('meanwhile');
  vi.advanceTimersByTime(1000);
  expect(written).toHaveLength(1);
  painter.resume();
  expect(written.at(-1)).toContain('meanwhile');
});

test('keeps the last character of a full line', () => {
  vi.advanceTimersByTime(1000);
  painter.show('x'.repeat(20));
  expect(written.at(-1)).toContain(`\u001b[K${'x'.repeat(20)}`);
});

test('writes only text and colours', () => {
  vi.advanceTimersByTime(1000);
  painter.show('\u001b[31mred\u001b[39m \u001b]0;title\u0007 \u001b[6n \u009b2J a\rb');
  expect(written.at(-1)).toContain('\u001b[31mred\u001b[39m �]0;title� �[6n �2J a�b');
});
