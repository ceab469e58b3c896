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

test('the first frame is drawn at once and whole, later ones by the lines that changed', () => {
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('\u001b[2J');
  vi.advanceTimersByTime(1000);
  painter.show('one\nTWO\nthree');
  expect(rows()).toEqual(['2']);
  expect(written[1]).not.toContain('\u001b[2J');
});

test('a line that is gone is erased', () => {
  vi.advanceTimersByTime(1000);
  painter.show('one');
  expect(rows()).toEqual(['2', '3']);
  expect(written.at(-1)).not.toContain('two');
});

test('a frame is shown whole or not at all', () => {
  expect(written[0]?.startsWith('\u001b[?2026h')).toBe(true);
  expect(written[0]?.endsWith('\u001b[?2026l')).toBe(true);
});

test('nothing is written for a frame that is the same', () => {
  vi.advanceTimersByTime(1000);
  painter.show('one\ntwo\nthree');
  expect(written).toHaveLength(1);
});

test('at most 12 frames a second, and the last one is always shown', () => {
  for (let at = 0; at < 3000; at += 5) {
    painter.show(`frame ${at}`);
    vi.advanceTimersByTime(5);
  }
  vi.advanceTimersByTime(200);
  expect(written.length).toBeLessThanOrEqual(3 * 12 + 2);
  expect(written.length).toBeGreaterThan(3 * 11);
  expect(written.at(-1)).toContain('frame 2995');
});

test('what answers a key does not wait its turn', () => {
  vi.advanceTimersByTime(20); // a frame was shown 20 ms ago
  painter.show('data');
  expect(written).toHaveLength(1);
  painter.paintSoon();
  expect(written.at(-1)).toContain('data');
  vi.advanceTimersByTime(20);
  painter.show('answer');
  expect(written.at(-1)).toContain('answer');
});

test('a new size draws everything again, cut to the rows there are', () => {
  vi.advanceTimersByTime(1000);
  size = {columns: 20, rows: 2};
  painter.invalidate();
  expect(written.at(-1)).toContain('\u001b[2J');
  expect(rows()).toEqual(['1', '2']);
});

test('while the terminal is somebody else’s nothing is written; coming back draws the newest frame', () => {
  painter.pause();
  painter.show('meanwhile');
  vi.advanceTimersByTime(1000);
  expect(written).toHaveLength(1);
  painter.resume();
  expect(written.at(-1)).toContain('meanwhile');
});

test('the last character of a full line is not erased', () => {
  vi.advanceTimersByTime(1000);
  painter.show('x'.repeat(20));
  expect(written.at(-1)).toContain(`\u001b[K${'x'.repeat(20)}`);
});

test('nothing but text and colours reaches the terminal', () => {
  vi.advanceTimersByTime(1000);
  painter.show('\u001b[31mred\u001b[39m \u001b]0;title\u0007 \u001b[6n \u009b2J a\rb');
  expect(written.at(-1)).toContain('\u001b[31mred\u001b[39m �]0;title� �[6n �2J a�b');
});
