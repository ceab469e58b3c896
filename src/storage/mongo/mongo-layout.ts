import type {Collection, Document, MongoClient} from 'mongodb';
import {UsageError} from '../../base/errors.js';
import {mongoErrorCode, namespaceNotFoundErrorCode} from './mongo-errors.js';
import {type CollectionExpiry, expiryOfIndexes, unknownExpiry} from './mongo-expiry.js';
import type {MongoStoreOptions} from './mongo-url.js';

/** Properties of a collection, read from the server. */
export interface MongoLayout {
  readonly expiry: CollectionExpiry;
  /** `_id` of any document; undefined if the collection is empty. */
  readonly someId: unknown;
  /** True if two concurrent writers can't create two records for the same uid. */
  readonly hasUniqueUid: boolean;
}

type LayoutOptions = Pick<
  MongoStoreOptions,
  'database' | 'collection' | 'fields' | 'deletes' | 'ttlMs' | 'expireAfterMs' | 'shown'
>;

const unauthorized = 13;
const maxListed = 10;

/**
 * Reads the layout. With `create`, creates a missing TTL index for `ttl`. Otherwise rejects for a missing collection,
 * because it would look like an empty store.
 */
export async function readMongoLayout(
  collection: Collection,
  client: MongoClient,
  {create, ...options}: LayoutOptions & {readonly create: boolean},
): Promise<MongoLayout> {
  const some = await collection.findOne({}, {projection: {_id: 1}});
  if (some === null && !create) await checkExists(client, options);
  if (some !== null && !create && options.deletes === 'field') await checkFieldUsed(collection, options);
  const indexes = await indexesOf(collection);
  const {uid} = options.fields;
  const hasUniqueUid =
    uid === '_id' ||
    indexes === undefined ||
    indexes.some(({key, unique}) => unique === true && isOn(key, uid));
  const expiry =
    declaredExpiry(options) ??
    (indexes === undefined ? unknownExpiry : expiryOfIndexes(indexes, options.fields));
  const layout = {expiry, someId: some?._id, hasUniqueUid};
  if (options.ttlMs === undefined || expiry.kind !== 'none') return layout;
  return {...layout, expiry: await createExpiry(collection, {...options, ttlMs: options.ttlMs, create})};
}

function declaredExpiry({expireAfterMs, fields}: LayoutOptions): CollectionExpiry | undefined {
  if (expireAfterMs === undefined) return undefined;
  if (fields.updated === undefined) throw new UsageError('expire-after requires the parameter "updated"');
  return {kind: 'field', field: fields.updated, afterMs: expireAfterMs, canChange: true};
}

const isOn = (key: unknown, field: string): boolean =>
  Object.keys(key as Document).length === 1 && Object.hasOwn(key as Document, field);

/** Returns the indexes; undefined without permission to read them. */
async function indexesOf(collection: Collection): Promise<readonly Document[] | undefined> {
  try {
    return await collection.indexes();
  } catch (error) {
    if (mongoErrorCode(error) === namespaceNotFoundErrorCode) return [];
    if (mongoErrorCode(error) === unauthorized) return undefined;
    throw error;
  }
}

async function createExpiry(
  collection: Collection,
  {create, ttlMs, fields, shown}: LayoutOptions & {readonly ttlMs: number; readonly create: boolean},
): Promise<CollectionExpiry> {
  const {updated} = fields;
  if (!create || updated === undefined)
    throw new UsageError(`records in ${shown} cannot expire: the collection has no TTL index`, {
      hint: 'remove ttl from the URL, or give the time after which the project deletes records: expire-after=30m',
    });
  const seconds = Math.ceil(ttlMs / 1000);
  await collection.createIndex({[updated]: 1}, {expireAfterSeconds: seconds});
  return {kind: 'field', field: updated, afterMs: seconds * 1000, canChange: true};
}

/**
 * Throws UsageError if the collection does not exist. Without permission to list collections, assumes that it does.
 */
async function checkExists(client: MongoClient, {database, collection, shown}: LayoutOptions): Promise<void> {
  const db = client.db(database);
  const names = await db
    .listCollections({}, {nameOnly: true, authorizedCollections: true})
    .map(({name}) => name)
    .toArray()
    .catch((error: unknown) => {
      if (mongoErrorCode(error) === unauthorized) return undefined;
      throw error;
    });
  if (names === undefined || names.includes(collection)) return;
  const some = names.slice(0, maxListed).map((name) => JSON.stringify(name));
  const more = names.length > maxListed ? ` and ${names.length - maxListed} more` : '';
  throw new UsageError(`there is no collection "${collection}" in database "${database}" at ${shown}`, {
    hint:
      some.length === 0
        ? 'the database has no collections: check its name in the path of the URL'
        : `choose a collection with ?collection=: ${some.join(', ')}${more}`,
  });
}

/** Throws UsageError for a wrong field name, with which no document in a shared collection would be a record. */
async function checkFieldUsed(collection: Collection, {fields, shown}: LayoutOptions): Promise<void> {
  const {session} = fields;
  if ((await collection.findOne({[session]: {$exists: true}}, {projection: {_id: 1}})) !== null) return;
  const [names = []] = (await collection.find({}, {limit: 1}).toArray()).map(Object.keys);
  throw new UsageError(
    `no document of "${collection.collectionName}" in ${shown} has the field "${session}"`,
    {
      hint: `give the field that contains the session with field=; a document has ${names
        .slice(0, maxListed)
        .map((name) => JSON.stringify(name))
        .join(', ')}`,
    },
  );
}
