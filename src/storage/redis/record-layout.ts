import {UsageError} from '../../base/errors.js';
import type {StoreParameters} from '../store-url.js';
import {KeyTemplate} from './key-template.js';

/** Location of a record: a key, or a field in the hash at a key. */
export interface RecordPlace {
  readonly uid: string;
  readonly key: Buffer;
  /** Empty if the key contains the record itself. */
  readonly field: string | Buffer;
}

/** How records are arranged in Redis. */
export type RecordLayout =
  /** One string per user. */
  | {readonly kind: 'keys'; readonly keys: KeyTemplate; readonly field: ''}
  /** One hash per user; the record is a field in it. */
  | {readonly kind: 'hashes'; readonly keys: KeyTemplate; readonly field: string}
  /** One hash for all users, with a field per user. */
  | {readonly kind: 'hash'; readonly hash: string; readonly fields: KeyTemplate};

export const layoutParameters = ['key', 'hash', 'field'] as const;

/** Parses `key=session:{uid}`, `key=user:{uid}&field=session` or `hash=users&field={uid}`. Throws UsageError. */
export function parseRecordLayout(parameters: StoreParameters): RecordLayout {
  const [key, hash, field] = layoutParameters.map((name) => parameters.text(name));
  if (hash !== undefined) {
    if (key !== undefined)
      throw new UsageError('conflicting parameters "hash" and "key"', {
        hint: 'for example hash=users&field={uid}, or key=user:{uid}&field=session',
      });
    if (hash === '') throw new UsageError('the parameter "hash" is empty', {hint: 'hash=users&field={uid}'});
    return {kind: 'hash', hash, fields: new KeyTemplate(field ?? '{uid}')};
  }
  const keys = new KeyTemplate(key ?? 'session:{uid}');
  if (field === undefined) return {kind: 'keys', keys, field: ''};
  if (field === '' || field.includes('{uid}'))
    throw new UsageError(`invalid hash field ${JSON.stringify(field)}: expected a name without {uid}`, {
      hint: 'for example key=user:{uid}&field=session, or hash=users&field={uid}',
    });
  return {kind: 'hashes', keys, field};
}

/** Returns the location of a uid's record. Throws UsageError for an invalid uid. */
export function recordPlaceOf(layout: RecordLayout, uid: string): RecordPlace {
  if (layout.kind === 'hash') return {uid, key: Buffer.from(layout.hash), field: layout.fields.keyOf(uid)};
  return {uid, key: Buffer.from(layout.keys.keyOf(uid)), field: layout.field};
}
