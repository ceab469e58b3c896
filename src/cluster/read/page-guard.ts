import {CallError} from '../../base/errors.js';
import {SeenTexts} from '../anomalies/seen-texts.js';

export interface PageGuardOptions {
  readonly node: string;
  /** Function that gives the pages, as errors name it. */
  readonly fn: string;
  /** How many rows there are in all, as far as the node knows; undefined where it can't tell. */
  readonly claim: () => Promise<number | undefined>;
  /** Rows that an empty page has looked at, at least: a filter may leave nothing of them. */
  readonly looksPerPage: number;
  /** Least mean of rows per page of a long listing; undefined where pages may hold any number. */
  readonly leastRowsPerPage?: number | undefined;
  /** Longest time without a row, in milliseconds. */
  readonly silenceMs: number;
  readonly now: () => number;
}

/** A page that is not the last. */
interface SeenPage {
  readonly next: string;
  /** Rows that the node sent; rows that it had sent before don't count. */
  readonly rows: number;
}

/** Cursors that are remembered at most: 2 MB. */
const mostCursors = 2 ** 18;
/** Pages before anything but the cursor is checked: short listings cost no further call. */
const trustedPages = 2;
/** Sessions come and go during a listing, and claims are round. */
const churnFactor = 2;
const churnRows = 20;
const emptyPages = 100;
/** Pages after which their mean number of rows is checked. */
const pagesBeforeMean = 1000;
/** More connections than one process can hold; a claim beyond it is not believed. */
const mostClaimed = 10_000_000;
/** What is assumed of a node that makes no claim. */
const unclaimed = 1_000_000;

/**
 * Ends a listing whose pages don't: a cursor that was there before, more rows than the node says that it has, or empty
 * pages without end. Memory is bounded. `check` throws or rejects with CallError, which fails that one node with its reason.
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

  /** Throws as it rejects; undefined where nobody has to be asked, as for nearly every page. */
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

  /** The node may have grown meanwhile. */
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
