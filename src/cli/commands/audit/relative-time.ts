import {UsageError} from '../../../base/errors.js';

/** Returns the moment in Unix milliseconds, given the current time. Dates and times of day are in the local time zone. */
export type ResolveRelativeTime = (now: number) => number;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const unitMs: Readonly<Record<string, number>> = {
  ...{s: 1000, sec: 1000, second: 1000},
  ...{m: minuteMs, min: minuteMs, minute: minuteMs},
  ...{h: hourMs, hr: hourMs, hour: hourMs},
  ...{d: dayMs, day: dayMs, w: 7 * dayMs, week: 7 * dayMs},
};

/** Words for a moment, as the number of days before today and the hour of that day. */
const words: Readonly<Record<string, readonly [days: number, hour: number]>> = {
  today: [0, 0],
  midnight: [0, 0],
  yesterday: [1, 0],
  'last night': [1, 18],
  lastnight: [1, 18],
};

/** Parses `12h`, `2 hours ago`, `yesterday`, `last night`, `22:00`, `yesterday 22:00` or an ISO date with or without a time. */
export function parseRelativeTime(text: string): ResolveRelativeTime {
  const plain = text.trim().toLowerCase();
  const moment =
    plain === 'now' ? (now: number) => now : (parseAgo(plain) ?? parseDay(plain) ?? parseDate(text));
  if (moment !== undefined) return moment;
  throw new UsageError(`invalid time "${text}"`, {
    hint: `write it as 12h, yesterday, 'last night', 22:00 or 2026-01-31`,
  });
}

function parseAgo(text: string): ResolveRelativeTime | undefined {
  const [, count = '', name = ''] = /^-?(\d{1,9}) ?([a-z]{1,7})(?: ago)?$/.exec(text) ?? [];
  const unit = name.length > 2 ? name.replace(/s$/, '') : name;
  const ms = Object.hasOwn(unitMs, unit) ? Number(count) * (unitMs[unit] ?? Number.NaN) : Number.NaN;
  return Number.isNaN(ms) ? undefined : (now) => now - ms;
}

function parseDay(text: string): ResolveRelativeTime | undefined {
  const [, word = '', hours, minutes] = /^([a-z ]*?) ?(?:(\d{1,2}):(\d\d))?$/.exec(text) ?? [];
  const isClock = hours !== undefined;
  if (isClock && (Number(hours) > 23 || Number(minutes) > 59)) return undefined;
  const day = word === '' && isClock ? words['today'] : Object.hasOwn(words, word) ? words[word] : undefined;
  if (day === undefined) return undefined;
  const [days, hour] = isClock ? [day[0], Number(hours)] : day;
  return (now) => {
    const at = new Date(now);
    at.setHours(hour, Number(minutes ?? 0), 0, 0);
    at.setDate(at.getDate() - days - (word === '' && at.getTime() > now ? 1 : 0)); // a time of day is in the past
    return at.getTime();
  };
}

function parseDate(text: string): ResolveRelativeTime | undefined {
  const [, date = '', time] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?))?$/.exec(text.trim()) ??
    [];
  const ms = Date.parse(`${date}T${time ?? '00:00'}`);
  return Number.isNaN(ms) ? undefined : () => ms;
}
