import {BSON, type Collection, type Document, type FindCursor} from 'mongodb';
import {UsageError} from '../../base/errors.js';
import {DocumentReader} from './document-reader.js';
import {filterAfterId} from './mongo-ids.js';

export interface DocumentPage {
  readonly documents: readonly Document[];
  /** Token of the last document; empty after the last page. */
  readonly next: string;
}

/**
 * Number of documents in a batch, a few hundred kilobytes. The server limits batches to 16 MiB, whatever the size of
 * documents.
 */
const maxBatch = 1000;

/**
 * Pages through a collection in the order of `_id`, so that a document that persists is returned exactly once. Keeps
 * a server cursor open between pages. If it is lost, as in a failover, the next page continues from the token.
 */
export class MongoPager {
  private held: {readonly after: string; readonly cursor: FindCursor} | undefined;

  private readonly reader: DocumentReader;

  constructor(private readonly projection: Document) {
    this.reader = new DocumentReader(Object.keys(projection));
  }

  async next(collection: Collection, after: string, limit: number): Promise<DocumentPage> {
    const {held} = this;
    this.held = undefined;
    if (held !== undefined && held.after === after) {
      try {
        return await this.page(held.cursor, limit);
      } catch {
        // the cursor is lost: continue from the token
      }
    }
    void held?.cursor.close().catch(() => {});
    return await this.page(this.open(collection, after, limit), limit);
  }

  async close(): Promise<void> {
    await this.held?.cursor.close().catch(() => {});
    this.held = undefined;
  }

  private open(collection: Collection, after: string, limit: number): FindCursor {
    const filter = after === '' ? {} : filterAfterId(idOfToken(after));
    const batchSize = Math.max(1, Math.min(limit, maxBatch));
    const {projection} = this;
    return collection.find(filter, {projection, batchSize, sort: {_id: 1}, raw: true});
  }

  private async page(cursor: FindCursor, limit: number): Promise<DocumentPage> {
    if (!(await cursor.hasNext())) return {documents: [], next: ''};
    const documents = cursor.readBufferedDocuments(limit).map((bytes) => this.reader.read(bytes));
    const isOver = cursor.bufferedCount() === 0 && cursor.id?.isZero() !== false;
    if (isOver) return {documents, next: ''};
    const after = tokenOf(documents.at(-1));
    this.held = {after, cursor};
    return {documents, next: after};
  }
}

const tokenOf = (last: Document | undefined): string =>
  BSON.EJSON.stringify({_id: last?.['_id']}, {relaxed: false});

function idOfToken(token: string): unknown {
  try {
    const {_id} = BSON.EJSON.parse(token, {relaxed: false}) as {readonly _id?: unknown};
    return _id;
  } catch (cause) {
    throw new UsageError(`invalid cursor ${JSON.stringify(token)} for this store`, {cause});
  }
}
