import {didYouMean} from '../base/closest-match.js';
import {MistypedValueError, UsageError} from '../base/errors.js';
import {type StuckSortOrder, stuckSortOrders} from '../session/connection-state.js';
import {clientAddressOfSession} from '../session/ip-address.js';
import {currentFieldName, fieldByLogName, type SelectorSubject} from './selector-fields.js';

type Key = string | number;

/** Sort order of sessions, or of other subjects. By default, numbers and times are descending and text is ascending. */
export interface SortOrder<S = SelectorSubject> {
  /** Sort key; a leading `-` reverses the default direction. */
  readonly text: string;
  readonly keyOf: (subject: S) => Key;
  /** Compares two keys; negative if the left one comes first. */
  readonly compareKeys: (left: Key, right: Key) => number;
}

/** Sort keys of one kind of subject. */
export interface SortKeys<S> {
  readonly keys: Readonly<Record<string, SortOrder<S>['keyOf']>>;
  /** Keys that hints do not name. */
  readonly unlisted?: Readonly<Record<string, SortOrder<S>['keyOf']>>;
  /** Numeric sort keys, which are descending by default. */
  readonly numeric: readonly string[];
  readonly settingOf: (subject: S, key: string) => string | undefined;
}

const keys: Readonly<Record<string, SortOrder['keyOf']>> = {
  id: ({row}) => row.session.sessionId,
  uid: ({row}) => row.session.userId,
  gate: ({node}) => node,
  network: ({row}) => row.session.network,
  ip: ({row: {session}}) => clientAddressOfSession(session.ip, session.network),
  age: ({row, now}) => elapsed(now, row.connectedAt),
  idle: ({row, now}) => elapsed(now, row.lastActiveAt),
  received: ({row}) => known(row.received),
  sent: ({row}) => known(row.sent),
};

/** Sort keys about the connection, which gates report only for some sessions. */
const connectionKeys: Readonly<Record<StuckSortOrder, SortOrder['keyOf']>> = {
  waiting: ({row: {connectionState}}) => connectionState?.waitingBytes ?? 0,
  oldest: ({row: {connectionState}, now}) => elapsed(now, connectionState?.oldestWaitingAt ?? 0),
};

/** Names of the sort keys, except `settings.<key>`. */
export const sessionSortKeyNames: readonly string[] = Object.keys(keys);

const sessionKeys: SortKeys<SelectorSubject> = {
  keys,
  unlisted: connectionKeys,
  numeric: ['age', 'idle', 'received', 'sent', ...stuckSortOrders],
  settingOf: ({row}, key) => row.session.settings[key],
};

/** Parses `age`, `-age`, `age:asc` or `age:desc`. Throws a UsageError that lists the sort keys. */
export const parseSessionOrder = (text: string): SortOrder => parseSortOrder(text, sessionKeys);

/** Parses a sort order of other subjects than sessions. */
export function parseSortOrder<S>(text: string, sortKeys: SortKeys<S>): SortOrder<S> {
  const {keys, numeric} = sortKeys;
  const [, minus = '', typed = '', direction] = /^(-?)(.*?)(?::(asc|desc))?$/s.exec(text) ?? [];
  if (minus !== '' && direction !== undefined)
    throw new UsageError(`cannot sort by "${text}": give "-" or ":${direction}", not both`);
  const name = currentFieldName(typed);
  const usual = numeric.includes(name) ? 'desc' : 'asc';
  const turned = direction === undefined ? minus !== '' : direction !== usual;
  const keyOf = keyNamed(name, sortKeys);
  if (keyOf === undefined) {
    const meant = translateSortOrder(text);
    if (meant !== undefined)
      throw new MistypedValueError(`cannot sort by "${name}"`, {
        ...{flag: '--sort', typed: text, meant},
        hint: `did you mean ${meant}?`,
      });
    const names = [...Object.keys(keys), 'settings.<key>'].join(', ');
    throw new UsageError(`cannot sort by "${name}"`, {
      hint: didYouMean(name, Object.keys(keys), `sort by ${names}; :asc or :desc sets the direction`),
    });
  }
  const sign = turned ? -1 : 1;
  return {
    text: `${turned ? '-' : ''}${name}`,
    keyOf,
    compareKeys: (left, right) => sign * compareKeys(left, right),
  };
}

/** Matches other tools' names for the time of the connection. The earliest time is the greatest age. */
const moments =
  /^(?:.*\.)?(?:connected|connect|connection|since|created|creation|login|start|started)_?-?(?:at|time|timestamp)?$/i;
const ages = /^(?:uptime|up|duration|time|ttl|online|longest|oldest)$/i;

/** Returns the sort order that a name of another tool means, such as `connectedAt`; undefined for any other text. */
export function translateSortOrder(text: string): string | undefined {
  const [, minus = '', name = '', direction] = /^(-?)(.*?)(?::(asc|desc))?$/s.exec(text) ?? [];
  if (/^(?:newest|latest|recent|youngest)$/i.test(name)) return 'age:asc';
  const field = fieldByLogName(name);
  if (field !== undefined && field !== name) return text.replace(name, field);
  if (ages.test(name)) return text.replace(name, 'age');
  if (!moments.test(name)) return undefined;
  if (direction === undefined) return `${minus}age`;
  return direction === 'asc' ? 'age:desc' : 'age:asc';
}

function keyNamed<S>(
  name: string,
  {keys, unlisted = {}, settingOf}: SortKeys<S>,
): SortOrder<S>['keyOf'] | undefined {
  const setting = /^settings\.(.+)$/s.exec(name)?.[1];
  if (setting !== undefined) return (subject) => settingOf(subject, setting) ?? '';
  return [keys, unlisted].find((some) => Object.hasOwn(some, name))?.[name];
}

/** Returns the sort key without its direction if it is one for stuck sessions; otherwise undefined. */
export const stuckSortKey = ({text}: SortOrder): StuckSortOrder | undefined =>
  stuckSortOrders.find((name) => text === name || text === `-${name}`);

/** Returns a key that sorts NaN, a count that the gate did not report, last. */
const known = (count: number): number => (Number.isNaN(count) ? -1 : count);

const elapsed = (now: number, at: number): number => (at === 0 ? -1 : now - at);

function compareKeys(left: Key, right: Key): number {
  if (typeof left === 'number' && typeof right === 'number') return right - left;
  return left < right ? -1 : left > right ? 1 : 0;
}

interface Ranked<Row> {
  readonly row: Row;
  readonly key: Key;
  readonly id: string;
}

/**
 * Keeps the first `limit` rows of a stream in sort order. Ties are broken by id. Holds at most 2 × `limit` rows, or 1,000 if
 * that is more.
 */
export class TopRows<Row, S = SelectorSubject> {
  private held: Ranked<Row>[] = [];
  private isCut = false;

  /** `hold` returns what is kept of a row, such as a copy of bytes that share a page's memory. */
  constructor(
    private readonly order: SortOrder<S>,
    private readonly limit: number,
    private readonly hold: (row: Row) => Row = (row) => row,
  ) {}

  get size(): number {
    return this.held.length;
  }

  /** Adds a row if it may be among the first. `id` breaks ties. */
  offer(row: Row, subject: S, id: string): void {
    const ranked = {row, key: this.order.keyOf(subject), id};
    const last = this.isCut ? this.held[this.limit - 1] : undefined;
    if (last !== undefined && this.compare(ranked, last) > 0) return;
    this.held.push({...ranked, row: this.hold(row)});
    if (this.held.length >= Math.max(1000, 2 * this.limit)) this.cut();
  }

  /** Returns the rows in sort order. */
  rows(): readonly Row[] {
    this.cut();
    return this.held.map(({row}) => row);
  }

  private cut(): void {
    this.held.sort((left, right) => this.compare(left, right));
    if (this.held.length >= this.limit) {
      this.held.length = this.limit;
      this.isCut = true;
    }
  }

  private compare(left: Ranked<Row>, right: Ranked<Row>): number {
    return this.order.compareKeys(left.key, right.key) || (left.id < right.id ? -1 : 1);
  }
}
