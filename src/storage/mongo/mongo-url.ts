import {UsageError} from '../../base/errors.js';
import {createPasswordFileReader} from '../password-file-reader.js';
import {type RecordEncoding, recordEncodings} from '../record-encoding.js';
import {maskStoreCredentials, StoreParameters, splitQuery} from '../store-url.js';

/** Names of a document's fields. A field that is undefined is neither read nor written. */
export interface MongoFieldNames {
  readonly uid: string;
  /** The field with the session. */
  readonly session: string;
  readonly serverId: string | undefined;
  readonly sessionId: string | undefined;
  readonly created: string | undefined;
  readonly updated: string | undefined;
}

export interface MongoStoreOptions {
  /** Connection string for the driver, without the store's own parameters. */
  readonly connection: string;
  /** The URL without parameters, masked, for messages. */
  readonly shown: string;
  readonly database: string;
  readonly collection: string;
  readonly fields: MongoFieldNames;
  readonly encoding: RecordEncoding;
  /** Type of `_id` in new documents; undefined to use the type of the other documents. */
  readonly idType: 'string' | 'objectid' | undefined;
  /** What a deletion removes. If undefined, the document, unless it has other fields. */
  readonly deletes: 'document' | 'field' | undefined;
  readonly ttlMs: number | undefined;
  /** Time from `updated` to expiry; undefined if a TTL index defines it. */
  readonly expireAfterMs: number | undefined;
  readonly passwordFile: string | undefined;
}

/** The usual layout of mqant projects: a collection `gateSession` with the uid as `_id`. */
const defaults = {
  collection: 'gateSession',
  uid: '_id',
  field: 'Session',
  server: 'ServerId',
  session: 'SessionId',
  created: 'CreateAt',
  updated: 'UpdateAt',
} as const;

/** The parameters of a URL that are not the driver's. */
export const parameterNames: readonly string[] = [
  ...Object.keys(defaults),
  ...['database', 'encoding', 'id-type', 'delete', 'ttl', 'expire-after', 'password-file'],
];

/**
 * Parses `mongodb://user@host1,host2/database?replicaSet=rs0&collection=gateSession&ttl=10m`. Parameters that are not
 * the store's own are passed to the driver.
 */
export function parseMongoUrl(url: string): MongoStoreOptions {
  const [address, query] = splitQuery(url);
  const words = query.split('&').filter((word) => word !== '');
  const isOurs = (word: string): boolean => parameterNames.includes(word.split('=')[0] ?? '');
  const parameters = new StoreParameters(url, words.filter(isOurs).join('&'), parameterNames);
  const theirs = words.filter((word) => !isOurs(word)).join('&');
  const shown = maskStoreCredentials(address);
  const idType = parameters.choice('id-type', ['', 'string', 'objectid'], '');
  const deletes = parameters.choice('delete', ['', 'document', 'field'], '');
  return {
    connection: theirs === '' ? address : `${withSlash(address)}?${theirs}`,
    shown,
    database: databaseOf(address, parameters, shown),
    collection: collectionOf(parameters, shown),
    fields: fieldsOf(parameters, shown),
    encoding: parameters.choice('encoding', recordEncodings, 'protobuf'),
    idType: idType === '' ? undefined : idType,
    deletes: deletes === '' ? undefined : deletes,
    ttlMs: parameters.durationMs('ttl'),
    expireAfterMs: parameters.durationMs('expire-after'),
    passwordFile: parameters.text('password-file'),
  };
}

/** Adds the slash that the driver requires before its options. */
const withSlash = (address: string): string => (/^[^:]*:\/\/[^/]*$/.test(address) ? `${address}/` : address);

function databaseOf(address: string, parameters: StoreParameters, shown: string): string {
  const [, path = ''] = /^[^:]*:\/\/[^/]*\/(.*)$/.exec(address) ?? [];
  if (path.includes('@'))
    // a slash in a password that is not percent-encoded
    throw new UsageError(`the credentials in "${shown}" are not correctly percent-encoded`, {
      hint: 'write @ : / ? # % as %40 %3A %2F %3F %23 %25',
    });
  const name = parameters.text('database') ?? decoded(path, shown);
  if (name === '')
    throw new UsageError(`missing database in "${shown}"`, {
      hint: 'for example mongodb://127.0.0.1:27017/game',
    });
  if (/[/\\. "$\0]/.test(name) || Buffer.byteLength(name) > 63)
    throw new UsageError(`invalid database "${name}" in "${shown}"`, {
      hint: 'for example mongodb://127.0.0.1:27017/game',
    });
  return name;
}

function decoded(path: string, shown: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new UsageError(`the database name in "${shown}" has invalid percent-encoding`, {cause});
  }
}

function collectionOf(parameters: StoreParameters, shown: string): string {
  const name = parameters.text('collection') ?? defaults.collection;
  if (name === '' || name.includes('$') || name.includes('\0') || name.startsWith('system.'))
    throw new UsageError(`invalid collection "${name}" in "${shown}"`);
  return name;
}

function fieldsOf(parameters: StoreParameters, shown: string): MongoFieldNames {
  const text = (name: keyof typeof defaults): string => {
    const field = parameters.text(name) ?? defaults[name];
    if (!/^\$|[.\0]/.test(field)) return field;
    throw new UsageError(`invalid field "${field}" in "${shown}": expected the name of a top-level field`);
  };
  const required = (name: 'uid' | 'field'): string => {
    const field = text(name);
    if (field !== '') return field;
    throw new UsageError(`the parameter "${name}" in "${shown}" is empty: expected the name of a field`);
  };
  const optional = (name: 'server' | 'session' | 'created' | 'updated'): string | undefined =>
    text(name) || undefined;
  const fields = {
    uid: required('uid'),
    session: required('field'),
    serverId: optional('server'),
    sessionId: optional('session'),
    created: optional('created'),
    updated: optional('updated'),
  };
  const names = Object.values(fields).filter((name) => name !== undefined);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return fields;
  throw new UsageError(`the field "${twice}" is used for two purposes in "${shown}"`);
}

/** Returns a function that returns the connection string with the current password. */
export function createConnectionStringReader(
  {connection, passwordFile, shown}: MongoStoreOptions,
  current: (() => string) | undefined,
): () => string {
  if (passwordFile === undefined)
    return current === undefined ? () => connection : () => parseMongoUrl(current()).connection;
  const [, scheme, user] = /^([^:]*:\/\/)([^@/?:]+)(?::[^@/?]*)?@/.exec(connection) ?? [];
  if (scheme === undefined || user === undefined)
    throw new UsageError(`password-file requires a user in "${shown}"`, {
      hint: 'for example mongodb://user@127.0.0.1/game',
    });
  const rest = connection.slice(connection.indexOf('@') + 1);
  const password = createPasswordFileReader(passwordFile);
  return () => `${scheme}${user}:${encodeURIComponent(password())}@${rest}`;
}
