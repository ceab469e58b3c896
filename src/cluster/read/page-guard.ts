import {CallError} from '../../base/errors.js';
import type {GateApi} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import {SeenTexts} from '../anomalies/seen-texts.js';
import type {SessionsQuery} from '../queries.js';

export interface PageGuardOptions {
  readonly node: string;
  /** Function that returns the pages, for errors. */
  readonly fn: string;
  /** Total number of rows according to the node; undefined if it can't tell. */
  readonly claim: () => Promise<number | undefined>;
  /** Fewest rows that an empty page has examined: a filter may match none of them. */
  readonly looksPerPage: number;
  /** Lowest mean number of rows per page of a long listing; undefined if pages can have any size. */
  readonly leastRowsPerPage?: number | undefined;
  /** Longest time without a row. */
  readonly silenceMs: number;
  readonly now: () => number;
}

/** A page that is not the last. */
interface SeenPage {
  readonly next: string;
  /** New rows; rows that the node had sent before don't count. */
  readonly rows: number;
}

/** Bounds the remembered cursors at 2 MB. */
const mostCursors = 2 ** 18;
/** Pages before the node is asked for a total, so short listings need no extra call. */
const trustedPages = 2;
/** Tolerance: sessions come and go during a listing, and totals are approximate. */
const churnFactor = 2;
const churnRows = 20;
const emptyPages = 100;
/** Pages after which the mean number of rows is checked. */
const pagesBeforeMean = 1000;
/** More connections than one process can have; higher totals are not believed. */
const mostClaimed = 10_000_000;
/** Total assumed for a node that reports none. */
const unclaimed = 1_000_000;

/**
 * Ends an endless listing: a repeated cursor, more rows than the node reports, or an unbounded number of
 * empty pages. Memory is bounded. `check` throws or rejects with a CallError, which fails this node only.
 */
export class PageGuard {
  private readonly cursors = new SeenTexts(mostCursors);
  private pages = 0;
  private rows = 0;
  private empty = 0;
  private lastRowAt: number;
  private claimed: number | undefined;
  private isKnown = true;

  constructor(private readonly options: PageGuardOptions) {
    this.lastRowAt = options.now();
  }

  /** Returns undefined if no call is needed, as for nearly every page; may also throw directly. */
  check({next, rows}: SeenPage): Promise<void> | undefined {
    const {now, silenceMs} = this.options;
    if (this.cursors.see(next)) throw this.fault('gave the same cursor twice');
    this.pages += 1;
    this.rows += rows;
    if (rows === 0) this.empty += 1;
    if (rows > 0) this.lastRowAt = now();
    if (this.pages <= trustedPages) return undefined;
    if (rows === 0 && now() - this.lastRowAt > silenceMs)
      throw this.fault(`gave pages without rows for more than ${silenceMs} ms`, 'timeout');
    if (this.pages > pagesBeforeMean && this.rows < this.pages * (this.options.leastRowsPerPage ?? 0))
      throw this.fault(`gave ${this.rows} rows in ${this.pages} pages`);
    return this.claimed !== undefined && !this.isBeyond(this.claimed) ? undefined : this.askAgain();
  }

  /** The node may have grown since the last total. */
  private async askAgain(): Promise<void> {
    this.claimed = Math.max(this.claimed ?? 0, await this.claim());
    if (this.isBeyond(this.claimed)) throw this.beyond(this.claimed);
  }

  private isBeyond(claimed = 0): boolean {
    return this.rows > churnFactor * claimed + churnRows || this.empty > this.mostEmpty(claimed);
  }

  private mostEmpty(claimed: number): number {
    return emptyPages + Math.ceil((churnFactor * claimed) / this.options.looksPerPage);
  }

  private async claim(): Promise<number> {
    const claimed = await this.options.claim();
    this.isKnown = claimed !== undefined;
    return Math.min(mostClaimed, claimed ?? unclaimed);
  }

  private beyond(claimed: number): CallError {
    if (this.empty > this.mostEmpty(claimed)) return this.fault(`gave ${this.empty} pages without rows`);
    const claim = this.isKnown ? `says that it has ${claimed}` : 'does not say how many it has';
    return this.fault(`gave ${this.rows} rows and ${claim}`);
  }

  private fault(what: string, reason: 'bad-reply' | 'timeout' = 'bad-reply'): CallError {
    const {node, fn} = this.options;
    return new CallError({reason, node, fn}, `${node} ${what}: its listing does not end`);
  }
}

export interface SessionGuardOptions extends Pick<SessionsQuery, 'where' | 'signal'> {
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Fewest sessions that a busy gate examines for one page. */
const looksPerPage = 10;

/** Guards one gate's listing of sessions with the gate's own session count. */
export function sessionGuard(gate: GateApi, {where, signal, timeoutMs, now}: SessionGuardOptions): PageGuard {
  return new PageGuard({
    node: gate.nodeId,
    fn: 'GatectlList',
    claim: async () => await counted(gate, signal),
    looksPerPage,
    leastRowsPerPage: where === undefined ? 2 : undefined, // several of the largest sessions fit into a page
    silenceMs: timeoutMs * (where === undefined ? 1 : 5), // longer with a filter, because many pages may be empty
    now,
  });
}

/** Undefined for a gate that lists and can't count. */
async function counted(gate: GateApi, signal: AbortSignal | undefined): Promise<number | undefined> {
  try {
    return (await gate.count({}, {signal})).sessions;
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}
