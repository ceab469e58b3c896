import {countsUnsaved} from '../../session/gate-software.js';
import type {GateSample, GateState} from './state.js';

/** The course of a figure over the last minutes, the newest last. */
export interface MetricHistory {
  readonly sessions: readonly number[];
  readonly bound: readonly number[];
  readonly guests: readonly number[];
  readonly connects: readonly number[];
  readonly disconnects: readonly number[];
  readonly received: readonly number[];
  readonly sent: readonly number[];
  readonly ms: readonly number[];
  readonly dirty: readonly number[];
}

/** What stands in a row of the overview. Rates are a second; undefined is not known. */
export interface GateHistory {
  readonly sessions: number | undefined;
  readonly bound: number | undefined;
  readonly guests: number | undefined;
  readonly connects: number | undefined;
  readonly disconnects: number | undefined;
  readonly received: number | undefined;
  readonly sent: number | undefined;
  readonly ms: number | undefined;
  readonly dirty: number | undefined;
  readonly store: string;
  readonly course: MetricHistory;
}

type Total = 'connects' | 'disconnects' | 'received' | 'sent';

/** The growth of a total a second between each two samples; what a gate counted before it was started anew is left out. */
function ratesOf(samples: readonly GateSample[], total: Total): readonly number[] {
  return samples.slice(1).map((sample, at) => {
    const before = samples[at];
    if (before === undefined || before.startedAt !== sample.startedAt) return 0;
    const seconds = (sample.at - before.at) / 1000;
    return seconds <= 0 ? 0 : Math.max(0, sample[total] - before[total]) / seconds;
  });
}

/** Of a gate that is not heard, what was last known: how many there were, and no rates. */
export function gateHistory(gate: GateState, isHeard = true): GateHistory {
  const {samples, info, roundTripMs} = gate;
  const moving = isHeard ? samples : [];
  const course: MetricHistory = {
    sessions: samples.map(({sessions}) => sessions),
    bound: samples.map(({bound}) => bound),
    guests: samples.map(({sessions, bound}) => sessions - bound),
    connects: ratesOf(moving, 'connects'),
    disconnects: ratesOf(moving, 'disconnects'),
    received: ratesOf(moving, 'received'),
    sent: ratesOf(moving, 'sent'),
    ms: moving.map(({ms}) => ms),
    dirty: info === undefined || countsUnsaved(info.software) ? samples.map(({dirty}) => dirty) : [],
  };
  const dirty = course.dirty.at(-1);
  return {
    ...lastOf(course),
    ms: isHeard ? roundTripMs : undefined,
    dirty,
    store: storeText(info?.storage.kind, dirty),
    course,
  };
}

function storeText(kind: string | undefined, dirty: number | undefined): string {
  if (kind === undefined) return '-';
  return dirty === undefined || dirty === 0 ? kind : `${kind}, ${dirty} behind`;
}

const lastOf = (course: MetricHistory) => ({
  sessions: course.sessions.at(-1),
  bound: course.bound.at(-1),
  guests: course.guests.at(-1),
  connects: course.connects.at(-1),
  disconnects: course.disconnects.at(-1),
  received: course.received.at(-1),
  sent: course.sent.at(-1),
});

/** Of all gates: sums; of round trips the longest. */
export function totalHistory(all: readonly GateHistory[]): GateHistory {
  const courseOf = (name: keyof MetricHistory) =>
    summed(
      all.map(({course}) => course[name]),
      name === 'ms',
    );
  const course: MetricHistory = {
    sessions: courseOf('sessions'),
    bound: courseOf('bound'),
    guests: courseOf('guests'),
    connects: courseOf('connects'),
    disconnects: courseOf('disconnects'),
    received: courseOf('received'),
    sent: courseOf('sent'),
    ms: courseOf('ms'),
    dirty: courseOf('dirty'),
  };
  const longest = all.flatMap(({ms}) => ms ?? []);
  const behind = all.filter(({dirty = 0}) => dirty > 0).length;
  return {
    ...lastOf(course),
    ms: longest.length === 0 ? undefined : Math.max(...longest),
    dirty: course.dirty.at(-1),
    store: behind === 0 ? '' : `${behind} behind`,
    course,
  };
}

/** The newest values belong together: those of all gates are asked for at once. */
function summed(courses: readonly (readonly number[])[], takesMost: boolean): readonly number[] {
  const length = Math.max(0, ...courses.map((course) => course.length));
  return Array.from({length}, (_, at) => {
    const values = courses.flatMap((course) => course[course.length - length + at] ?? []);
    return takesMost ? Math.max(0, ...values) : values.reduce((sum, value) => sum + value, 0);
  });
}
