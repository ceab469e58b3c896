import {describe, expect, test} from 'vitest';
import {parseRelativeTime} from '../../../../../src/cli/commands/audit/relative-time.js';
import {gatectl, memoryJournal} from '../../../../support/run-cli.js';

const hour = 3_600_000;
const now = new Date(2026, 0, 15, 9, 30).getTime();
const local = (day: number, hours: number, minutes = 0): number =>
  new Date(2026, 0, day, hours, minutes).getTime();

describe('a time', () => {
  test.each([
    ['12h', now - 12 * hour],
    ['-12h', now - 12 * hour],
    ['2 hours ago', now - 2 * hour],
    ['90s', now - 90_000],
    ['15 min', now - 15 * 60_000],
    ['7d', now - 7 * 24 * hour],
    ['1 week ago', now - 7 * 24 * hour],
    ['now', now],
    ['today', local(15, 0)],
    ['yesterday', local(14, 0)],
    ['last night', local(14, 18)],
    ['08:15', local(15, 8, 15)],
    ['22:00', local(14, 22)],
    ['yesterday 22:00', local(14, 22)],
    ['2026-01-10', local(10, 0)],
    ['2026-01-10 07:05', local(10, 7, 5)],
    ['2026-01-10T07:05:00Z', Date.UTC(2026, 0, 10, 7, 5)],
  ])('%s', (text, moment) => {
    expect(parseRelativeTime(text)(now)).toBe(moment);
  });

  test.each(['', '12', '12 moons', 'tomorrow', '25:00', '2026-13-40', 'yesterday 9', '5ms'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseRelativeTime(text)).toThrow(`invalid time "${text}"`);
    },
  );
});

test('the journal is listed between two times, by the last word of a command', async () => {
  const journal = memoryJournal();
  const at = (moment: number, line: string) => gatectl(line, {journal, now: moment});
  await at(local(13, 12), 'sessions kick early --dry-run');
  await at(local(14, 23), 'sessions kick late --dry-run');
  await at(local(14, 23), 'settings set late a=b --dry-run');
  await at(local(15, 8), 'sessions kick today --dry-run');
  const {out} = await gatectl(
    ['audit', 'list', '--since', 'last night', '--until', 'today', '--command', 'kick', '-o', 'json'],
    {
      journal,
      now,
    },
  );
  const {items} = JSON.parse(out) as {items: readonly {command: string; at: string}[]};
  expect(items).toMatchObject([{command: 'sessions kick', at: new Date(local(14, 23)).toISOString()}]);
});
