import type {LocatedRow} from '../cluster/cluster.js';
import {UsageError} from '../errors.js';
import {settingOf} from './sheets/session-sheet.js';

/** Rows that are held at most for a sort without a limit. */
const mostHeld = 200_000;

type Key = (row: LocatedRow) => string | number;

const keys: Readonly<Record<string, Key>> = {
  session: ({session}) => session.sessionId,
  uid: ({session}) => session.userId,
  gate: ({node}) => node,
  network: ({session}) => session.network,
  ip: ({session}) => session.ip,
  age: (row) => elapsed(row, row.connectedAt),
  idle: (row) => elapsed(row, row.lastActiveAt),
  received: ({received}) => received,
  sent: ({sent}) => sent,
};

/** The most first for what is counted and for times, the first letter first for text; `-` before the name turns it round. */
export interface Order {
  readonly compare: (left: LocatedRow, right: LocatedRow) => number;
}

export function parseOrder(text: string): Order {
  const turned = text.startsWith('-');
  const name = turned ? text.slice(1) : text;
  const setting = /^settings\.(.+)$/s.exec(name)?.[1];
  const key =
    setting === undefined ? (Object.hasOwn(keys, name) ? keys[name] : undefined) : bySetting(setting);
  if (key === undefined) {
    const names = [...Object.keys(keys), 'settings.<key>'].join(', ');
    throw new UsageError(`cannot sort by "${name}"`, {hint: `sort by ${names}; -${name} turns it round`});
  }
  const sign = turned ? -1 : 1;
  return {compare: (left, right) => sign * compareKeys(key(left), key(right)) || compareIds(left, right)};
}

const bySetting =
  (key: string): Key =>
  ({session}) =>
    settingOf(session.settings, key) ?? '';

const elapsed = ({observedAt}: LocatedRow, at: number): number => (at === 0 ? -1 : (observedAt ?? 0) - at);

function compareKeys(left: string | number, right: string | number): number {
  if (typeof left === 'number' && typeof right === 'number') return right - left;
  return left < right ? -1 : left > right ? 1 : 0;
}

const compareIds = (left: LocatedRow, right: LocatedRow): number =>
  compareKeys(`${left.node}/${left.session.sessionId}`, `${right.node}/${right.session.sessionId}`);

/** The rows in order once all were seen; with a limit never more than twice as many are held. */
export async function* sorted(
  rows: AsyncIterable<LocatedRow>,
  {compare}: Order,
  limit: number | undefined,
): AsyncGenerator<LocatedRow, void, undefined> {
  const held: LocatedRow[] = [];
  for await (const row of rows) {
    held.push(row);
    if (limit !== undefined && held.length >= Math.max(1000, 2 * limit)) keepFirst(held, compare, limit);
    else if (limit === undefined && held.length > mostHeld) {
      throw new UsageError(`more than ${mostHeld} sessions to sort`, {
        hint: 'give --limit, or narrow it by --where',
      });
    }
  }
  keepFirst(held, compare, limit ?? held.length);
  yield* held;
}

function keepFirst(held: LocatedRow[], compare: Order['compare'], limit: number): void {
  held.sort(compare);
  held.length = Math.min(held.length, limit);
}
