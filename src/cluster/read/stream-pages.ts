import type {ClusterNode} from '../../registry/registry.js';
import {BatchedRows, DecodedRowBatch, type RowBatch} from '../../session/fast/row-batch.js';
import type {UnreadRecord} from '../../session/gate-api.js';
import {UnreadRecords, unreadOutcome} from '../records/unread-records.js';
import type {GateOutcome, Listing} from '../result-types.js';
import {callFailureReasonOf, failedOutcome, okOutcome} from './gather.js';
import type {PageGuard} from './page-guard.js';

/** A page of rows from one gate. */
export interface GatePage<Row> {
  readonly rows: readonly Row[];
  /** The same rows in encoded form, if the gate sent them encoded. */
  readonly batch?: RowBatch<Row> | undefined;
  /** Records of the page that could not be read. */
  readonly unread?: readonly UnreadRecord[] | undefined;
  /** Cursor of the next page; empty after the last. */
  readonly next: string;
  /** Number of rows that the node sent, if it differs from `rows`. */
  readonly looked?: number | undefined;
}

interface StreamOptions<Row> {
  readonly expected: readonly ClusterNode[];
  readonly page: (node: ClusterNode, after: string, limit: number | undefined) => Promise<GatePage<Row>>;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Creates the guard for one node's pages. */
  readonly guard: (node: ClusterNode) => PageGuard;
  readonly now: () => number;
}

/**
 * Lists all gates in parallel. Fetches one page per gate ahead of the reader, so memory is bounded. If a gate fails,
 * its earlier rows are kept and it is marked as failed.
 */
export function streamPages<Row>(options: StreamOptions<Row>): Listing<Row> {
  const outcomes: GateOutcome[] = [];
  const rows = new BatchedRows(batchesOf(options, outcomes));
  return {expected: options.expected, rows, outcomes: () => outcomes};
}

/** A page that has arrived from one gate. */
interface Turn<Row> {
  readonly gate: GateListing<Row>;
  readonly batch: RowBatch<Row>;
}

async function* batchesOf<Row>(
  options: StreamOptions<Row>,
  outcomes: GateOutcome[],
): AsyncGenerator<RowBatch<Row>, void, undefined> {
  const {expected, limit = Number.POSITIVE_INFINITY, signal} = options;
  const turns = new Map<string, Promise<Turn<Row>>>();
  const ready: Promise<Turn<Row>>[] = [];
  let wake = (): void => {};
  const take = (gate: GateListing<Row>): void => {
    const turn = gate.next();
    turns.set(gate.node.id, turn);
    const settled = (): void => {
      ready.push(turn);
      wake();
    };
    turn.then(settled, settled); // Promise.race would subscribe to all gates again for every page
  };
  for (const node of expected) take(new GateListing(node, options));
  let left = limit;
  while (turns.size > 0 && left > 0) {
    signal?.throwIfAborted();
    if (ready.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const {gate, batch} = await (ready.shift() as Promise<Turn<Row>>);
    if (gate.outcome === undefined) take(gate);
    else {
      turns.delete(gate.node.id);
      outcomes.push(gate.outcome);
    }
    yield batch.count > left ? batch.slice(0, left) : batch;
    left -= batch.count;
  }
  for (const turn of turns.values()) outcomes.push((await turn).gate.stopped());
}

/** State of one gate's listing. */
class GateListing<Row> {
  outcome: GateOutcome | undefined;
  private after = '';
  private count = 0;
  private readonly unread = new UnreadRecords();
  private readonly started: number;
  private readonly guard: PageGuard;

  constructor(
    readonly node: ClusterNode,
    private readonly options: StreamOptions<Row>,
  ) {
    this.started = options.now();
    this.guard = options.guard(node);
  }

  /**
   * Fetches the next page. Errors of the gate do not reject but become the `outcome`, which is also set after the
   * last page.
   */
  async next(): Promise<Turn<Row>> {
    const {page, limit} = this.options;
    try {
      const answer = await page(this.node, this.after, limit);
      const {next, batch = new DecodedRowBatch(answer.rows), looked = batch.count} = answer;
      const checking = next === '' ? undefined : this.guard.check({next, rows: looked});
      if (checking !== undefined) await checking;
      this.count += batch.count;
      this.unread.add(answer.unread ?? []);
      this.after = next;
      if (next === '') this.outcome = this.answered();
      return {gate: this, batch};
    } catch (error) {
      if (callFailureReasonOf(error) === undefined) throw error;
      const {tally: unread} = this.unread;
      const failed = failedOutcome(this.node, error, this.elapsed(), this.count);
      this.outcome = unread === undefined ? failed : {...failed, unread};
      return {gate: this, batch: new DecodedRowBatch<Row>([])};
    }
  }

  /** Returns the outcome when the reader stops before the last page. */
  stopped(): GateOutcome {
    return this.outcome ?? this.answered();
  }

  private answered(): GateOutcome {
    const {tally: unread} = this.unread;
    const {node, count} = this;
    const ms = this.elapsed();
    return unread === undefined ? okOutcome(node, ms, count) : unreadOutcome(node, {ms, count, unread});
  }

  private elapsed(): number {
    return this.options.now() - this.started;
  }
}
