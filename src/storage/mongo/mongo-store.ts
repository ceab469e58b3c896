import {setTimeout as wait} from 'node:timers/promises';
import type {Document, FindOptions} from 'mongodb';
import {PermissionError, UnreachableError, UnreadableRecordError, UsageError} from '../../base/errors.js';
import type {Durability, RecordPage, StorageCapabilities, StoredRecord} from '../../session/gate-api.js';
import {BaseStore, revisionConflictError} from '../base-store.js';
import {
  encodeRecord,
  isDocumentEncoding,
  refuseMemberLoss,
  revisionOfBytes,
  updateStoredDocument,
} from '../record-encoding.js';
import type {PutOptions} from '../storage-handler.js';
import {MongoConnection} from './mongo-connection.js';
import {
  bytesOfBsonValue,
  type DocumentOptions,
  isExpired,
  mongoProjection,
  recordsOfDocuments,
  unreadableSessionReason,
} from './mongo-documents.js';
import {mongoDurability} from './mongo-durability.js';
import {duplicateKeyErrorCode, mongoErrorCode} from './mongo-errors.js';
import {documentExpiresAt, expiryUpdate} from './mongo-expiry.js';
import {idsOfUid} from './mongo-ids.js';
import {type MongoLayout, readMongoLayout} from './mongo-layout.js';
import {type DocumentPage, MongoPager} from './mongo-pager.js';
import {createConnectionStringReader, type MongoStoreOptions, parseMongoUrl} from './mongo-url.js';
import {
  type DocumentToChange,
  filterForDocument,
  type MongoWrite,
  newDocument,
  unknownFieldNames,
  updateOfDocument,
} from './mongo-writes.js';

interface OpenMongoOptions {
  /** Timeout for connecting and for each command. */
  readonly timeoutMs?: number | undefined;
  /** Accepts a missing collection, and creates a missing TTL index for `ttl`. */
  readonly create?: boolean | undefined;
  /** Reads the URL again if it is from a file, because its password may change. */
  readonly current?: (() => string) | undefined;
}

/** Twice the time that a replica set usually takes to elect another primary. */
const maxElectionMs = 25_000;
const electionPauseMs = 250;
/** Maximum attempts to write despite concurrent changes. Each failed attempt means that another writer succeeded. */
const maxWrites = 200;

/**
 * Records as documents, one per uid. A write changes the session's field and those with its time, gate and id. It is
 * fenced by the stored bytes, and leaves the project's other fields unchanged.
 */
export class MongoStore extends BaseStore {
  private layout: Promise<MongoLayout> | undefined;
  private found: MongoLayout | undefined;
  private pages: MongoPager | undefined;

  /**
   * Opens a collection. Rejects with UsageError if it is unsuitable. With `create`, as for gates, the server may be
   * unreachable; the next call tries again.
   */
  static async open(url: string, options: OpenMongoOptions = {}): Promise<MongoStore> {
    const {timeoutMs = 2000, create = true, current} = options;
    const parsed = parseMongoUrl(url);
    const connection = new MongoConnection({
      ...parsed,
      timeoutMs,
      current: createConnectionStringReader(parsed, current),
    });
    const store = new MongoStore(parsed, connection, create);
    try {
      await store.known();
    } catch (error) {
      if (!create || error instanceof UsageError) {
        await store.close();
        throw error;
      }
    }
    return store;
  }

  private constructor(
    private readonly options: MongoStoreOptions,
    private readonly connection: MongoConnection,
    private readonly create: boolean,
  ) {
    super();
  }

  get ability(): StorageCapabilities {
    const expiry = this.found?.expiry;
    const expire = expiry?.kind === 'field' && expiry.canChange;
    return {kind: 'mongodb', get: true, put: true, delete: true, list: true, expire};
  }

  /**
   * Without `ttl` in the URL, this is the time of the TTL index, which each write of the project's gates restarts.
   */
  get ttlMs(): number | undefined {
    const expiry = this.found?.expiry;
    const usual = expiry?.kind === 'field' && expiry.canChange ? expiry.afterMs : undefined;
    return this.options.ttlMs ?? (usual || undefined);
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const layout = await this.known();
    const projection = mongoProjection(this.options.fields, layout.expiry);
    const document = await this.find(userId, {projection});
    if (document === undefined) return undefined;
    const {records, unread = []} = recordsOfDocuments([document], this.readOptions(layout));
    const [failed] = unread;
    if (failed === undefined) return records[0];
    throw new UnreadableRecordError(`cannot read the record of "${userId}": ${failed.message}`);
  }

  async put(userId: string, value: Uint8Array, options: PutOptions = {}): Promise<string> {
    const {after, ttlMs} = options;
    const layout = await this.known();
    for (let writes = 1; ; writes += 1) {
      const held = await this.held(userId, layout, this.fieldsToWrite(layout));
      const found = held?.revision ?? '';
      if (after !== undefined && after !== found) throw revisionConflictError(userId, found, after);
      const bytes = this.bytesToStore(userId, value, held, options);
      const isFenced = after !== undefined || found === '' || isDocumentEncoding(this.options.encoding);
      const write = {userId, value, bytes, ttlMs, isFenced, layout, now: Date.now()};
      if (held === undefined ? await this.insert(write) : await this.update(write, held))
        return revisionOfBytes(bytes);
      if (writes === maxWrites) throw revisionConflictError(userId, found, after ?? '*');
    }
  }

  async touch(userId: string, revision: string): Promise<string | undefined> {
    const layout = await this.known();
    const {ttlMs} = this;
    if (ttlMs === undefined) return revision;
    const held = await this.held(userId, layout, this.fieldsToWrite(layout));
    if (held === undefined || held.revision !== revision) return undefined;
    const update = expiryUpdate(ttlMs, layout.expiry, Date.now());
    return (await this.change(held, update)) ? revision : undefined;
  }

  async delete(userId: string, revision?: string): Promise<boolean> {
    const layout = await this.known();
    for (let writes = 1; ; writes += 1) {
      const held = await this.held(userId, layout, undefined);
      if (held === undefined || held.revision === '') return false;
      if (revision !== undefined && revision !== held.revision)
        throw revisionConflictError(userId, held.revision, revision);
      if (await this.remove(userId, held, layout)) return true;
      if (writes === maxWrites) throw revisionConflictError(userId, held.revision, revision ?? '*');
    }
  }

  /**
   * Lists records in the order of `_id`. Pages after the first one wait for the election of another primary if
   * necessary.
   */
  async list(after: string, limit: number): Promise<RecordPage> {
    const layout = await this.known();
    this.pages ??= new MongoPager(mongoProjection(this.options.fields, layout.expiry));
    const {documents, next} = await this.page(this.pages, after, limit);
    return {...recordsOfDocuments(documents, this.readOptions(layout)), next};
  }

  /** Resolves with undefined without permission. */
  async keyCount(): Promise<number | undefined> {
    return await this.connection
      .read((collection) => collection.estimatedDocumentCount())
      .catch((error: unknown) => {
        if (error instanceof PermissionError) return undefined;
        throw error;
      });
  }

  durability(): Promise<Durability> {
    return this.connection.read((_, client) => mongoDurability(client));
  }

  async close(): Promise<void> {
    await this.pages?.close();
    await this.connection.close();
  }

  private async page(pages: MongoPager, after: string, limit: number): Promise<DocumentPage> {
    const waits = after !== '' && this.connection.hasReplicas;
    const until = Date.now() + (waits ? maxElectionMs : 0);
    for (;;) {
      try {
        return await this.connection.read((collection) => pages.next(collection, after, limit));
      } catch (error) {
        if (!(error instanceof UnreachableError) || Date.now() >= until) throw error;
        await wait(electionPauseMs);
      }
    }
  }

  /** Reads the layout once. If that fails, the next call tries again. */
  private async known(): Promise<MongoLayout> {
    this.layout ??= this.connection.read((collection, client) =>
      readMongoLayout(collection, client, {...this.options, create: this.create}),
    );
    const reading = this.layout;
    try {
      this.found = await reading;
      return this.found;
    } catch (error) {
      if (this.layout === reading) this.layout = undefined;
      throw error;
    }
  }

  private readOptions({expiry}: MongoLayout): DocumentOptions {
    const {fields, encoding, deletes} = this.options;
    return {fields, encoding, expiry, isShared: deletes === 'field', now: Date.now()};
  }

  private fieldsToWrite({expiry}: MongoLayout): Document {
    const names = Object.values(this.options.fields).filter((name) => name !== undefined);
    return {
      ...mongoProjection(this.options.fields, expiry),
      ...Object.fromEntries(names.map((name) => [name, 1])),
    };
  }

  /** Returns the document of a uid. Rejects if there are two. */
  private async find(userId: string, options: FindOptions): Promise<Document | undefined> {
    const ids = idsOfUid(userId);
    const filter = {[this.options.fields.uid]: ids.length === 1 ? ids[0] : {$in: ids}};
    const [first, second] = await this.connection.read((collection) =>
      collection.find(filter, {...options, limit: 2}).toArray(),
    );
    if (second === undefined) return first;
    throw new UnreadableRecordError(`there are two documents for "${userId}" in ${this.options.shown}`, {
      hint: `to find them: {${JSON.stringify(this.options.fields.uid)}: ${JSON.stringify(userId)}}; ids may differ in type`,
    });
  }

  /**
   * Reads a document to change it; without a projection, all of its fields. Rejects if the session's field contains
   * something other than bytes or text.
   */
  private async held(
    userId: string,
    {expiry}: MongoLayout,
    projection: Document | undefined,
  ): Promise<DocumentToChange | undefined> {
    const document = await this.find(userId, {readPreference: 'primary', ...(projection && {projection})});
    if (document === undefined) return undefined;
    const {fields} = this.options;
    const value: unknown = document[fields.session];
    const bytes = bytesOfBsonValue(value);
    if (bytes === undefined && value !== undefined && value !== null)
      throw new UnreadableRecordError(
        `cannot write the record of "${userId}": ${unreadableSessionReason(document, fields)}`,
      );
    const isThere = bytes !== undefined && !isExpired(documentExpiresAt(document, expiry), Date.now());
    return {document, bytes, revision: isThere ? revisionOfBytes(bytes) : ''};
  }

  /** Returns the bytes to store. An existing document in the project's encoding is edited in place. */
  private bytesToStore(
    userId: string,
    value: Uint8Array,
    held: DocumentToChange | undefined,
    {stored}: PutOptions,
  ): Uint8Array {
    const {encoding} = this.options;
    if (stored?.encoding === encoding) return stored.bytes;
    if (stored !== undefined) refuseMemberLoss(userId, stored, encoding);
    const isEdit = isDocumentEncoding(encoding) && held?.bytes !== undefined && held.revision !== '';
    return isEdit ? updateStoredDocument(held.bytes, value, encoding) : encodeRecord(value, encoding);
  }

  /** Inserts a document. Resolves with false if there is one by now. */
  private async insert(write: MongoWrite): Promise<boolean> {
    const document = newDocument(write, this.options, this.ttlMs);
    try {
      await this.connection.write((collection) => collection.insertOne(document));
      return true;
    } catch (error) {
      if (mongoErrorCode((error as Error).cause) === duplicateKeyErrorCode) return false;
      throw error;
    }
  }

  private update(write: MongoWrite, held: DocumentToChange): Promise<boolean> {
    return this.change(held, updateOfDocument(write, held, this.options, this.ttlMs), write.isFenced);
  }

  /**
   * Updates a document. With the fence, resolves with false if it was changed or deleted meanwhile; without, only if
   * it was deleted.
   */
  private async change(held: DocumentToChange, update: Document, isFenced = true): Promise<boolean> {
    const {_id} = held.document;
    const filter = isFenced ? filterForDocument(held, this.options.fields) : {_id};
    const {matchedCount} = await this.connection.write((collection) => collection.updateOne(filter, update));
    return matchedCount === 1;
  }

  private async remove(userId: string, held: DocumentToChange, {expiry}: MongoLayout): Promise<boolean> {
    const {fields, deletes} = this.options;
    if (deletes === 'field') return this.change(held, {$unset: {[fields.session]: ''}});
    const others = unknownFieldNames(held.document, fields, expiry);
    if (deletes === undefined && others.length > 0) {
      const some = others.slice(0, 5).map((name) => JSON.stringify(name));
      throw new UsageError(
        `the document for "${userId}" has fields other than the session: ${some.join(', ')}`,
        {
          hint: `add delete=field to the URL to remove only "${fields.session}", or delete=document to remove all of it`,
        },
      );
    }
    const {deletedCount} = await this.connection.write((collection) =>
      collection.deleteOne(filterForDocument(held, fields)),
    );
    return deletedCount === 1;
  }
}
