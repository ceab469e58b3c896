import {UsageError} from '../../base/errors.js';
import {type Order, TopRows} from '../../selector/order.js';
import type {Selector} from '../../selector/selector.js';
import {SessionPageWriter} from '../../session/codec/session-page.js';
import type {LiveSession} from './live-session.js';
import {scanSessions} from './session-scan.js';
import type {SessionTable} from './session-table.js';

/** Rows in one page, whatever a caller asks for: less than a millisecond of the event loop when they are encoded already. */
const maxPageRows = 2000;

/** Room for a row, where nothing is known of it yet. */
const usualRowBytes = 300;

/** Sessions looked at for one page of a filtered listing. */
const maxLooks = 5000;

/** Where a listing stands: after the session of one sequence number, on the way to that of another. */
interface Position {
  readonly last: number;
  readonly end: number;
}

/**
 * A page that takes longer than so many milliseconds ends early: its sessions have to be encoded first, V8 collects garbage
 * meanwhile, or the selector is dear. Looked at once in so many sessions.
 */
const maxPageMs = 4;
const looksBetweenClocks = 16;

export interface PagesOptions {
  readonly table: SessionTable;
  /** Half of the server's max_payload. */
  readonly limitBytes: number;
  readonly nodeId: string;
  readonly now: () => number;
  /** Part of each cursor, so that one of an earlier life of the node is not taken for one of this. */
  readonly startedAt: number;
}

/** Pages of the session table in the form of the wire. */
export class SessionPages {
  private readonly life: string;

  constructor(private readonly options: PagesOptions) {
    this.life = options.startedAt.toString(36);
  }

  /**
   * A session that is connected during a whole listing is in it exactly once. A listing ends with the session that was the
   * newest when it began: it would never end where sessions come as fast as its pages. With a selector a page may be empty
   * and yet not be the last. Throws UsageError for a foreign cursor.
   */
  list(after: string, limit = maxPageRows, selector?: Selector): Buffer {
    const {table, limitBytes, nodeId} = this.options;
    const rows = Math.min(Math.max(1, limit), maxPageRows);
    const writer = new SessionPageWriter(Math.min(limitBytes, rows * usualRowBytes));
    const now = this.options.now();
    const about = {now, filtered: selector !== undefined};
    const {last: from, end} = this.position(after);
    let looks = 0;
    let last = from;
    for (const live of table.after(from, end)) {
      if (looks === maxLooks || this.isLong(looks, now))
        return writer.finish(this.cursor({last, end}), about);
      if (selector?.matches(live, nodeId, now) ?? true) {
        // asked of those that match only: the first time a session is encoded for it
        const fits = writer.rows < rows && writer.size + rowBytes(live) <= limitBytes;
        if (writer.rows > 0 && !fits) return writer.finish(this.cursor({last, end}), about);
        addRow(writer, live);
      }
      looks += 1;
      last = live.sequence;
    }
    return writer.finish('', about);
  }

  /** The first `limit` sessions in an order; undefined when they do not fit into one page. */
  async top(order: Order, limit: number | undefined, selector?: Selector): Promise<Buffer | undefined> {
    if (limit === undefined || limit < 1 || limit > maxPageRows) return undefined;
    const {table, limitBytes, nodeId: node} = this.options;
    const now = this.options.now();
    const top = new TopRows<LiveSession>(order, limit);
    await scanSessions(table, (live) => {
      if (selector?.matches(live, node, now) ?? true) top.offer(live, {row: live, node, now}, live.id);
    });
    const writer = new SessionPageWriter();
    for (const live of top.rows()) {
      if (writer.size + rowBytes(live) > limitBytes) return undefined;
      addRow(writer, live);
    }
    return writer.finish('', {now, filtered: selector !== undefined, sorted: true});
  }

  /** All sessions of a uid. Throws UsageError when they are more than fit into a page. */
  find(userId: string): Buffer {
    const {table, limitBytes} = this.options;
    const writer = new SessionPageWriter();
    for (const live of table.ofUser(userId)) {
      addRow(writer, live);
      if (writer.size > limitBytes)
        throw new UsageError(`the sessions of uid ${JSON.stringify(userId)} do not fit into one page`);
    }
    return writer.finish('', {now: this.options.now()});
  }

  private isLong(looks: number, startedAt: number): boolean {
    return looks > 0 && looks % looksBetweenClocks === 0 && this.options.now() - startedAt >= maxPageMs;
  }

  private cursor({last, end}: Position): string {
    return `${this.life}-${last}-${end}`;
  }

  private position(cursor: string): Position {
    if (cursor === '') return {last: 0, end: this.options.table.newest};
    const [, life, last, end] = /^([0-9a-z]+)-([1-9]\d{0,14})-([1-9]\d{0,14})$/.exec(cursor) ?? [];
    if (life === this.life && Number(last) <= Number(end)) return {last: Number(last), end: Number(end)};
    throw new UsageError(`the cursor ${JSON.stringify(cursor.slice(0, 40))} is not of this run of the gate`);
  }
}

/** Numbers and tags of a row are never longer than this. */
const rowBytes = (live: LiveSession): number => live.encoded.length + 64;

function addRow(writer: SessionPageWriter, live: LiveSession): void {
  const {connectedAt, lastActiveAt, received, sent} = live;
  writer.add({session: live.encoded, connectedAt, lastActiveAt, received, sent});
}
