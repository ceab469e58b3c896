import type {Collection, Document, MongoClient} from 'mongodb';
import {UsageError} from '../../base/errors.js';
import {codeOf, namespaceNotFound} from './mongo-errors.js';
import {type Expiry, expiryIn, unknownExpiry} from './mongo-expiry.js';
import type {MongoStoreOptions} from './mongo-url.js';

/** Properties of a collection on the server. */
export interface MongoLayout {
  readonly expiry: Expiry;
  /** `_id` of one document; undefined without any. */
  readonly someId: unknown;
  /** New records can't be doubled by two writers at once. */
  readonly hasUniqueUid: boolean;
}

type LayoutOptions = Pick<
  MongoStoreOptions,
  'database' | 'collection' | 'fields' | 'deletes' | 'ttlMs' | 'expireAfterMs' | 'shown'
>;

const unauthorized = 13;
const mostNamed = 10;

/**
 * Reads the layout. With `create` a missing TTL index is created for `ttl`; without it a missing collection is refused,
 * because it would look like an empty store.
 */
export async function readLayout(
  collection: Collection,
  client: MongoClient,
  {create, ...options}: LayoutOptions & {readonly create: boolean},
): Promise<MongoLayout> {
  const some = await collection.findOne({}, {projection: {_id: 1}});
  if (some === null && !create) await refuseMissing(client, options);
  if (some !== null && !create && options.deletes === 'field') await refuseUnused(collection, options);
  const indexes = await indexesOf(collection);
  const {uid} = options.fields;
  const hasUniqueUid =
    uid === '_id' ||
    indexes === undefined ||
    indexes.some(({key, unique}) => unique === true && isOn(key, uid));
  const expiry =
    declaredExpiry(options) ?? (indexes === undefined ? unknownExpiry : expiryIn(indexes, options.fields));
  const layout = {expiry, someId: some?._id, hasUniqueUid};
  if (options.ttlMs === undefined || expiry.kind !== 'none') return layout;
  return {...layout, expiry: await createExpiry(collection, {...options, ttlMs: options.ttlMs, create})};
}

function declaredExpiry({expireAfterMs, fields}: LayoutOptions): Expiry | undefined {
  if (expireAfterMs === undefined) return undefined;
  if (fields.updated === undefined) throw new UsageError('expire-after needs the field that "updated" names');
  return {kind: 'field', field: fields.updated, afterMs: expireAfterMs, canChange: true};
}

const isOn = (key: unknown, field: string): boolean =>
  Object.keys(key as Document).length === 1 && Object.hasOwn(key as Document, field);

/** Undefined when they may not be read. */
async function indexesOf(collection: Collection): Promise<readonly Document[] | undefined> {
  try {
    return await collection.indexes();
  } catch (error) {
    if (codeOf(error) === namespaceNotFound) return [];
    if (codeOf(error) === unauthorized) return undefined;
    throw error;
  }
}

async function createExpiry(
  collection: Collection,
  {create, ttlMs, fields, shown}: LayoutOptions & {readonly ttlMs: number; readonly create: boolean},
): Promise<Expiry> {
  const {updated} = fields;
  if (!create || updated === undefined)
    throw new UsageError(`records in ${shown} cannot expire: the collection has no TTL index`, {
      hint: 'remove ttl from the URL, or name the time after which the project deletes records: expire-after=30m',
    });
  const seconds = Math.ceil(ttlMs / 1000);
  await collection.createIndex({[updated]: 1}, {expireAfterSeconds: seconds});
  return {kind: 'field', field: updated, afterMs: seconds * 1000, canChange: true};
}

/** A user that may not list collections is believed. */
async function refuseMissing(
  client: MongoClient,
  {database, collection, shown}: LayoutOptions,
): Promise<void> {
  const db = client.db(database);
  const names = await db
    .listCollections({}, {nameOnly: true, authorizedCollections: true})
    .map(({name}) => name)
    .toArray()
    .catch((error: unknown) => {
      if (codeOf(error) === unauthorized) return undefined;
      throw error;
    });
  if (names === undefined || names.includes(collection)) return;
  const some = names.slice(0, mostNamed).map((name) => JSON.stringify(name));
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  throw new UsageError(`there is no collection "${collection}" in database "${database}" at ${shown}`, {
    hint:
      some.length === 0
        ? 'the database has none: name another one in the path of the URL'
        : `name one with ?collection=; there are ${some.join(', ')}${more}`,
  });
}

/** Refuses a wrong field name, with which no document of a shared collection would count as a record. */
async function refuseUnused(collection: Collection, {fields, shown}: LayoutOptions): Promise<void> {
  const {session} = fields;
  if ((await collection.findOne({[session]: {$exists: true}}, {projection: {_id: 1}})) !== null) return;
  const [names = []] = (await collection.find({}, {limit: 1}).toArray()).map(Object.keys);
  throw new UsageError(
    `no document of "${collection.collectionName}" in ${shown} has the field "${session}"`,
    {
      hint: `name the field of the session with field=; a document has ${names
        .slice(0, mostNamed)
        .map((name) => JSON.stringify(name))
        .join(', ')}`,
    },
  );
}
