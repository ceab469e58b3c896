import type {LocatedRow} from '../cluster/cluster.js';
import {UsageError} from '../errors.js';
import type {Sheet} from '../output/sheet.js';
import {settingOf} from './sheets/session-sheet.js';

/** What sessions are counted by. Undefined: the session has no such setting. */
export interface Grouping {
  readonly name: string;
  readonly keyOf: (row: LocatedRow) => string | undefined;
}

const groupings: Readonly<Record<string, Grouping['keyOf']>> = {
  gate: ({node}) => node,
  network: ({session}) => session.network,
  uid: ({session}) => session.userId,
  guest: ({session}) => String(session.userId === ''),
};

/** More would be an index of the sessions, not a count of them. */
const mostGroups = 100_000;

export function parseGrouping(name: string): Grouping {
  const setting = /^settings?[.:](.+)$/s.exec(name)?.[1];
  if (setting !== undefined) return {name, keyOf: ({session}) => settingOf(session.settings, setting)};
  const keyOf = Object.hasOwn(groupings, name) ? groupings[name] : undefined;
  if (keyOf !== undefined) return {name, keyOf};
  throw new UsageError(`cannot count by "${name}"`, {
    hint: `count by ${Object.keys(groupings).join(', ')} or settings.<key>`,
  });
}

export interface GroupCount {
  /** Null for those that have no such setting. */
  readonly key: string | null;
  readonly sessions: number;
  readonly bound: number;
}

/** Counts as the rows come, the largest group first. */
export async function countGroups(
  rows: AsyncIterable<LocatedRow>,
  {name, keyOf}: Grouping,
): Promise<readonly GroupCount[]> {
  const groups = new Map<string | undefined, {sessions: number; bound: number}>();
  for await (const row of rows) {
    const key = keyOf(row);
    let group = groups.get(key);
    if (group === undefined) {
      group = {sessions: 0, bound: 0};
      groups.set(key, group);
      if (groups.size > mostGroups)
        throw new UsageError(`more than ${mostGroups} values of ${name}`, {hint: 'narrow it by --where'});
    }
    group.sessions += 1;
    if (row.session.userId !== '') group.bound += 1;
  }
  return [...groups]
    .map(([key = null, group]) => ({key, ...group}))
    .sort((left, right) => right.sessions - left.sessions || ((left.key ?? '') < (right.key ?? '') ? -1 : 1));
}

export function groupSheet({name}: Grouping): Sheet<GroupCount> {
  return {
    columns: [
      {header: name.toUpperCase(), cell: ({key}) => key ?? '-'},
      {header: 'SESSIONS', cell: ({sessions}) => String(sessions), align: 'right'},
      {header: 'BOUND', cell: ({bound}) => String(bound), align: 'right'},
    ],
    record: ({key, sessions, bound}) => ({key, sessions, bound}),
    id: ({key}) => key ?? '',
  };
}
