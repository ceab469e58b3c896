import type {Selector} from '../../selector/selector.js';
import {rowsIn} from '../../session/codec/session-page.js';
import {type Batch, BuiltBatch, type EncodedBatch} from '../../session/fast/batch.js';
import {type EncodedRows, rowsBetween} from '../../session/fast/page-walk.js';
import {RowCursor} from '../../session/fast/row-cursor.js';
import type {GateApi, SessionPage} from '../../session/gate-api.js';
import type {SessionRow} from '../../session/session.js';
import type {LocatedRow} from '../answers.js';
import type {SessionsQuery} from '../queries.js';
import type {Page} from './stream.js';

/** A page, and how it was come by. */
export interface SessionsPage extends Page<LocatedRow> {
  /** Rows that the gate sent. */
  readonly looked: number;
  /** The gate did all that was asked of it: filter and order. */
  readonly answered: boolean;
}

/** A page of one gate's sessions. What the gate did not filter is filtered here, by the clock of the gate. */
export async function sessionPageFrom(
  gate: GateApi,
  query: SessionsQuery & {readonly after: string; readonly pageRows?: number | undefined},
): Promise<SessionsPage> {
  const {after, where, order, signal} = query;
  const page = await gate.list({after, where: where?.text, ...wanted(query), sort: order?.text}, {signal});
  const isFiltered = where === undefined || page.filtered === true;
  const batch = batchOf(page, gate.nodeId, isFiltered ? undefined : where);
  return {
    get rows() {
      return batch.rows;
    },
    batch,
    next: page.next,
    looked: page.encoded?.count ?? page.rows.length,
    answered: isFiltered && (order === undefined || page.sorted === true),
  };
}

/** The rows of a page that a selector takes, in the form in which they came. */
function batchOf(page: SessionPage, node: string, where: Selector | undefined): Batch<LocatedRow> {
  const {encoded, now: observedAt} = page;
  const now = observedAt ?? Date.now();
  if (encoded !== undefined) {
    const rows = where === undefined ? encoded : taken(encoded, (row) => where.matches(row, node, now));
    return new LocatedBatch({rows, node, observedAt});
  }
  const rows = where === undefined ? page.rows : page.rows.filter((row) => where.matches(row, node, now));
  return new BuiltBatch(rows.map((row) => ({...row, node, observedAt})));
}

/** Those of the rows that are wanted, without building any. */
function taken(encoded: EncodedRows, isWanted: (row: SessionRow) => boolean): EncodedRows {
  const {bytes, isAscii} = encoded;
  const places = new Uint32Array(encoded.count * 2);
  const cursor = new RowCursor(encoded);
  let count = 0;
  for (let index = 0; index < encoded.count; index += 1) {
    if (!isWanted(cursor.seek(index))) continue;
    places[count * 2] = encoded.places[index * 2] as number;
    places[count * 2 + 1] = encoded.places[index * 2 + 1] as number;
    count += 1;
  }
  return {bytes, isAscii, count, places};
}

/** Rows of one gate in bytes, built when they are asked for. */
class LocatedBatch implements Batch<LocatedRow> {
  private built: readonly LocatedRow[] | undefined;

  constructor(readonly encoded: EncodedBatch) {}

  get count(): number {
    return this.encoded.rows.count;
  }

  get rows(): readonly LocatedRow[] {
    const {node, observedAt, rows} = this.encoded;
    this.built ??= rowsIn(rows).map((row) => ({...row, node, observedAt}));
    return this.built;
  }

  slice(from: number, to = this.count): Batch<LocatedRow> {
    return new LocatedBatch({
      ...this.encoded,
      rows: rowsBetween(this.encoded.rows, from, Math.min(to, this.count)),
    });
  }
}

/** Without a filter of its own, a gate would make small pages of a small limit, most of them for nothing. */
function wanted({where, order, limit, pageRows}: SessionsQuery & {readonly pageRows?: number | undefined}) {
  if (order !== undefined) return {limit};
  const most = where === undefined ? limit : undefined;
  return {limit: pageRows === undefined ? most : Math.min(most ?? pageRows, pageRows)};
}

/** Rows that may be on their way at once: some 16 MB. nats-server cuts off a client that 64 MB wait for. */
const rowsOnTheirWay = 50_000;
/** Gates make no larger pages anyway. */
const fullPage = 2000;

/** How large the pages of so many gates may be, of which each has one on its way; undefined leaves it to them. */
export function pageRowLimit(gates: number): number | undefined {
  const rows = Math.max(20, Math.floor(rowsOnTheirWay / Math.max(1, gates)));
  return rows < fullPage ? rows : undefined;
}
