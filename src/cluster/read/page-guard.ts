import {CallError} from '../../base/errors.js';
import type {GateApi} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import {StringHashSet} from '../anomalies/string-hash-set.js';
import type {SessionsQuery} from '../query-types.js';

export interface PageGuardOptions {
  readonly node: string;
  /** Function that returns the pages, named in errors. */
  readonly fn: string;
  /** Returns the total number of rows according to the node; undefined if it can't tell. */
  readonly claim: () => Promise<number | undefined>;
  /** Minimum number of rows that the node examines for an empty page; a filter may match none of them. */
  readonly looksPerPage: number;
  /** Minimum mean number of rows per page in a long listing; undefined if pages can have any size. */
  readonly leastRowsPerPage?: number | undefined;
  /** Maximum time without a row, in milliseconds. */
  readonly silenceMs: number;
  readonly now: () => number;
}

/** A page other than the last. */
interface SeenPage {
  readonly next: string;
  /** Number of new rows; rows that the node sent before don't count. */
  readonly rows: number;
}

/** Limits the remembered cursors to 2 MB. */
const maxCursors = 2 ** 18;
/** Number of pages before the node is asked for a total, so that short listings need no extra call. */
const trustedPages = 2;
/** Tolerances: sessions come and go during a listing, and totals are approximate. */
const churnFactor = 2;
const churnRows = 20;
const emptyPages = 100;
/** Number of pages after which the mean number of rows is checked. */
const pagesBeforeMean = 1000;
/** More connections than one process can have; larger totals are capped at this number. */
const maxClaimed = 10_000_000;
/** Total assumed for a node that does not report one. */
const assumedTotal = 1_000_000;

/**
 * Stops a listing that would never end: one that repeats a cursor, has more rows than the node reports, or too
 * many empty pages. Memory is bounded. `check` throws or rejects with a CallError, which fails this node only.
 */
export class PageGuard {
  private readonly cursors = new StringHashSet(maxCursors);
  private pages = 0;
  private rows = 0;
  private empty = 0;
  private lastRowAt: number;
  private claimed: number | undefined;
  private isKnown = true;

  constructor(private readonly options: PageGuardOptions) {
    this.lastRowAt = options.now();
  }

  /**
   * Checks a page. Returns undefined if no call is needed, as for nearly every page. Throws or rejects with
   * CallError.
   */
  check({next, rows}: SeenPage): Promise<void> | undefined {
    const {now, silenceMs} = this.options;
    if (this.cursors.see(next)) throw this.fault('returned the same cursor twice');
    this.pages += 1;
    this.rows += rows;
    if (rows === 0) this.empty += 1;
    if (rows > 0) this.lastRowAt = now();
    if (this.pages <= trustedPages) return undefined;
    if (rows === 0 && now() - this.lastRowAt > silenceMs)
      throw this.fault(`returned pages without rows for more than ${silenceMs} ms`, 'timeout');
    if (this.pages > pagesBeforeMean && this.rows < this.pages * (this.options.leastRowsPerPage ?? 0))
      throw this.fault(`returned ${this.rows} rows in ${this.pages} pages`);
    return this.claimed !== undefined && !this.isBeyond(this.claimed) ? undefined : this.askAgain();
  }

  /** Gets a new total, because the node may have more rows now. */
  private async askAgain(): Promise<void> {
    this.claimed = Math.max(this.claimed ?? 0, await this.claim());
    if (this.isBeyond(this.claimed)) throw this.beyond(this.claimed);
  }

  private isBeyond(claimed = 0): boolean {
    return this.rows > churnFactor * claimed + churnRows || this.empty > this.maxEmpty(claimed);
  }

  private maxEmpty(claimed: number): number {
    return emptyPages + Math.ceil((churnFactor * claimed) / this.options.looksPerPage);
  }

  private async claim(): Promise<number> {
    const claimed = await this.options.claim();
    this.isKnown = claimed !== undefined;
    return Math.min(maxClaimed, claimed ?? assumedTotal);
  }

  private beyond(claimed: number): CallError {
    if (this.empty > this.maxEmpty(claimed)) return this.fault(`returned ${this.empty} pages without rows`);
    const claim = this.isKnown ? `reports a total of ${claimed}` : 'reports no total';
    return this.fault(`returned ${this.rows} rows, but ${claim}`);
  }

  private fault(what: string, reason: 'bad-reply' | 'timeout' = 'bad-reply'): CallError {
    const {node, fn} = this.options;
    return new CallError({reason, node, fn}, `${node} ${what}: its listing does not end`);
  }
}

export interface SessionPageGuardOptions extends Pick<SessionsQuery, 'where' | 'signal'> {
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Minimum number of sessions that a busy gate examines for one page. */
const looksPerPage = 10;

/** Creates the guard for listing one gate's sessions, based on the gate's own session count. */
export function sessionPageGuard(
  gate: GateApi,
  {where, signal, timeoutMs, now}: SessionPageGuardOptions,
): PageGuard {
  return new PageGuard({
    node: gate.nodeId,
    fn: 'GatectlList',
    claim: async () => await counted(gate, signal),
    looksPerPage,
    leastRowsPerPage: where === undefined ? 2 : undefined, // a page has room for several sessions of maximum size
    silenceMs: timeoutMs * (where === undefined ? 1 : 5), // longer with a filter, because many pages may be empty
    now,
  });
}

/** Returns the gate's session count; undefined if the gate can list but not count. */
async function counted(gate: GateApi, signal: AbortSignal | undefined): Promise<number | undefined> {
  try {
    return (await gate.count({}, {signal})).sessions;
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}
