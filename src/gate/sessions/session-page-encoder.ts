import {UsageError} from '../../base/errors.js';
import type {Selector} from '../../selector/selector.js';
import {type SortOrder, TopRows} from '../../selector/sort-order.js';
import {SessionPageWriter} from '../../session/codec/session-page.js';
import type {LiveSession} from './live-session.js';
import {scanSessions} from './session-scan.js';
import type {SessionTable} from './session-table.js';

/** Maximum number of rows in a page: under 1 ms of event loop time if the rows are already encoded. */
const maxPageRows = 2000;

/** Estimated size of a row in bytes, before any is encoded. */
const estimatedRowBytes = 300;

/** Maximum number of sessions examined for a page of a filtered listing. */
const maxExamined = 5000;

/** Position in a listing: sequence numbers of the last session that was examined, and of the session to end with. */
interface Position {
  readonly last: number;
  readonly end: number;
}

/**
 * Maximum time for a page, in milliseconds. Encoding, garbage collection or a slow selector can exceed it; the page
 * then ends early. The clock is read only once every few sessions.
 */
const maxPageMs = 4;
const sessionsPerClockRead = 16;

interface PagesOptions {
  readonly table: SessionTable;
  /** Maximum size of a page in bytes: half of the server's max_payload. */
  readonly limitBytes: number;
  readonly nodeId: string;
  readonly now: () => number;
  /** Part of each cursor, so that cursors from before a restart are rejected. */
  readonly startedAt: number;
}

/** Pages of the session table, encoded for the wire. */
export class SessionPageEncoder {
  private readonly life: string;

  constructor(private readonly options: PagesOptions) {
    this.life = options.startedAt.toString(36);
  }

  /**
   * Returns a page. A session that stays connected during the whole listing appears exactly once. The listing ends
   * with the session that was newest at its start; otherwise it might never end on a busy gate. With a selector, a
   * page may be empty without being the last one. Throws UsageError for an unknown cursor.
   */
  list(after: string, limit = maxPageRows, selector?: Selector): Buffer {
    const {table, limitBytes, nodeId} = this.options;
    const rows = Math.min(Math.max(1, limit), maxPageRows);
    const writer = new SessionPageWriter(Math.min(limitBytes, rows * estimatedRowBytes));
    const now = this.options.now();
    const about = {now, filtered: selector !== undefined};
    const {last: from, end} = this.position(after);
    let looks = 0;
    let last = from;
    for (const live of table.after(from, end)) {
      if (looks === maxExamined || this.isLong(looks, now))
        return writer.finish(this.cursor({last, end}), about);
      if (selector?.matches(live, nodeId, now) ?? true) {
        // only matching sessions are encoded
        const fits = writer.rows < rows && writer.size + rowBytes(live) <= limitBytes;
        if (writer.rows > 0 && !fits) return writer.finish(this.cursor({last, end}), about);
        addRow(writer, live);
      }
      looks += 1;
      last = live.sequence;
    }
    return writer.finish('', about);
  }

  /** Returns the first `limit` sessions in an order; undefined if they don't fit into one page. */
  async top(order: SortOrder, limit: number | undefined, selector?: Selector): Promise<Buffer | undefined> {
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

  /** Returns all sessions of a uid. Throws UsageError if they don't fit into one page. */
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
    return looks > 0 && looks % sessionsPerClockRead === 0 && this.options.now() - startedAt >= maxPageMs;
  }

  private cursor({last, end}: Position): string {
    return `${this.life}-${last}-${end}`;
  }

  private position(cursor: string): Position {
    if (cursor === '') return {last: 0, end: this.options.table.newest};
    const [, life, last, end] = /^([0-9a-z]+)-([1-9]\d{0,14})-([1-9]\d{0,14})$/.exec(cursor) ?? [];
    if (life === this.life && Number(last) <= Number(end)) return {last: Number(last), end: Number(end)};
    throw new UsageError(
      `invalid cursor ${JSON.stringify(cursor.slice(0, 40))}: not issued by this run of the gate`,
    );
  }
}

/** Maximum size of a row in bytes: its numbers and tags never exceed 64 bytes. */
const rowBytes = (live: LiveSession): number => live.encoded.length + 64;

function addRow(writer: SessionPageWriter, live: LiveSession): void {
  const {connectedAt, lastActiveAt, received, sent} = live;
  writer.add({session: live.encoded, connectedAt, lastActiveAt, received, sent});
}
