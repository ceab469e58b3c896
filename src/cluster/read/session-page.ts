import type {Selector} from '../../selector/selector.js';
import {stuckSortKey} from '../../selector/sort-order.js';
import {decodeRows} from '../../session/codec/session-page.js';
import type {StuckSortOrder} from '../../session/connection-state.js';
import {DecodedRowBatch, type EncodedRowBatch, type RowBatch} from '../../session/fast/row-batch.js';
import {RowCursor} from '../../session/fast/row-cursor.js';
import {type EncodedRows, sliceEncodedRows} from '../../session/fast/validate-page.js';
import type {GateApi, SessionPage} from '../../session/gate-api.js';
import type {SessionRow} from '../../session/session.js';
import type {SessionsQuery} from '../query-types.js';
import type {LocatedRow} from '../result-types.js';
import type {GatePage} from './stream-pages.js';

/** A page of sessions, and whether the gate applied the query itself. */
interface SessionsPage extends GatePage<LocatedRow> {
  /** Number of rows that the gate sent. */
  readonly looked: number;
  /** True if the gate applied both filter and order. */
  readonly answered: boolean;
}

/**
 * Fetches a page of one gate's sessions. Applies the filter locally, using the gate's clock, if the gate did not
 * apply it.
 */
export async function fetchSessionPage(
  gate: GateApi,
  query: SessionsQuery & {readonly after: string; readonly pageRows?: number | undefined},
): Promise<SessionsPage> {
  const {after, where, order, signal} = query;
  const stuck = order && stuckSortKey(order);
  const page =
    stuck === undefined
      ? await gate.list({after, where: where?.text, ...wanted(query), sort: order?.text}, {signal})
      : await stuckSessions(gate, stuck, query);
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

/** Returns the sessions with waiting packets, most stuck first. A gate that can't filter gets no limit. */
function stuckSessions(
  gate: GateApi,
  sort: StuckSortOrder,
  {where, limit, signal}: SessionsQuery,
): Promise<SessionPage> {
  const most = where === undefined ? limit : undefined;
  return gate.connections({sort, where: where?.text, limit: most}, {signal});
}

/** Returns the matching rows of a page in their original encoding. */
function batchOf(page: SessionPage, node: string, where: Selector | undefined): RowBatch<LocatedRow> {
  const {encoded, now: observedAt} = page;
  const now = observedAt ?? Date.now();
  if (encoded !== undefined) {
    const rows = where === undefined ? encoded : selected(encoded, (row) => where.matches(row, node, now));
    return new LocatedBatch({rows, node, observedAt});
  }
  const rows = where === undefined ? page.rows : page.rows.filter((row) => where.matches(row, node, now));
  return new DecodedRowBatch(rows.map((row) => ({...row, node, observedAt})));
}

/** Selects the wanted rows; they are read in place, not decoded. */
function selected(encoded: EncodedRows, isWanted: (row: SessionRow) => boolean): EncodedRows {
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
  const rows = {bytes, isAscii, count, places};
  return count * leastShare < encoded.count ? copied(rows) : rows;
}

/** If fewer than one row in four is selected, the rows are copied out of their page. */
const leastShare = 4;

/** Copies the rows, so that their page can be freed and decoding one of them does not decode the page's text. */
function copied({bytes, places, count, isAscii}: EncodedRows): EncodedRows {
  const pieces: Buffer[] = [];
  let size = 0;
  for (let at = 0; at < count * 2; at += 2) {
    const piece = bytes.subarray(places[at], places[at + 1]);
    pieces.push(piece);
    places[at] = size;
    size += piece.length;
    places[at + 1] = size;
  }
  return {bytes: Buffer.concat(pieces), places: places.slice(0, count * 2), count, isAscii};
}

/** Encoded rows of one gate, decoded on demand. */
class LocatedBatch implements RowBatch<LocatedRow> {
  private built: readonly LocatedRow[] | undefined;

  constructor(readonly encoded: EncodedRowBatch) {}

  get count(): number {
    return this.encoded.rows.count;
  }

  get rows(): readonly LocatedRow[] {
    const {node, observedAt, rows} = this.encoded;
    this.built ??= decodeRows(rows).map((row) => ({...row, node, observedAt}));
    return this.built;
  }

  slice(from: number, to = this.count): RowBatch<LocatedRow> {
    return new LocatedBatch({
      ...this.encoded,
      rows: sliceEncodedRows(this.encoded.rows, from, Math.min(to, this.count)),
    });
  }
}

/**
 * Returns the limit to send. A gate that can't filter would make pages as small as the limit, so with a filter the
 * limit is left out.
 */
function wanted({where, order, limit, pageRows}: SessionsQuery & {readonly pageRows?: number | undefined}) {
  if (order !== undefined) return {limit};
  const most = where === undefined ? limit : undefined;
  return {limit: pageRows === undefined ? most : Math.min(most ?? pageRows, pageRows)};
}

/** Limits rows in flight to about 16 MB. nats-server disconnects a client with 64 MB pending. */
const maxRowsInFlight = 50_000;
/** The largest page that gates send, in rows. */
const fullPage = 2000;

/**
 * Returns how many rows to request per page so that the pages of all gates in flight stay within the limit; undefined
 * for the gates' default.
 */
export function rowsPerPage(gates: number): number | undefined {
  const rows = Math.max(20, Math.floor(maxRowsInFlight / Math.max(1, gates)));
  return rows < fullPage ? rows : undefined;
}

/** Stops listing a gate that can't filter or sort after `most` rows, and records that its rows are only a sample. */
export function createListingSampler(most: number | undefined): {
  readonly page: (node: string, read: () => Promise<SessionsPage>) => Promise<GatePage<LocatedRow>>;
  readonly sampled: () => readonly string[];
} {
  const looked = new Map<string, number>();
  const cut = new Set<string>();
  return {
    async page(node, read) {
      const page = await read();
      if (most === undefined || page.answered) return page;
      const sum = (looked.get(node) ?? 0) + page.looked;
      looked.set(node, sum);
      if (sum < most || page.next === '') return page;
      cut.add(node);
      return {rows: page.rows, batch: page.batch, next: ''};
    },
    sampled: () => [...cut],
  };
}
