import {errorCodeOrText} from '../../base/error-details.js';
import {PermissionError, UnreadableRecordError, UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import type {RecordPage, StorageCapabilities, StoredRecord, UnreadRecord} from '../../session/gate-api.js';
import {BaseStore} from '../base-store.js';
import {type RecordEncoding, recordEncodings} from '../record-encoding.js';
import {StoreParameters, splitQuery} from '../store-url.js';
import {isRecordEntry, recordOfEntry} from './json-records.js';
import {parseJsonEntries} from './parse-json-entries.js';

/** Maximum size of a file; it is kept in memory as a whole. */
const maxFileBytes = 64 * 1024 * 1024;

/**
 * Records in a JSON file written by a project: a list, a map, or one record per line. The file is read once and never
 * written.
 */
export class JsonFileStore extends BaseStore {
  readonly ability: StorageCapabilities = {
    kind: 'jsonfile',
    get: true,
    put: false,
    delete: false,
    list: true,
    expire: false,
  };
  readonly ttlMs = undefined;
  private readonly records: ReadonlyMap<string, StoredRecord>;
  private readonly rows: readonly StoredRecord[];
  /** Entries whose uid is also that of another entry. */
  private readonly repeated: readonly UnreadRecord[];

  /**
   * Opens `jsonfile:/path/to/file?encoding=hex`. Rejects with UsageError, with the line number, for an invalid file.
   */
  static async open(url: string): Promise<JsonFileStore> {
    const [address, query] = splitQuery(url);
    const file = address.slice('jsonfile:'.length).replace(/^\/\/(?=\/)/, '');
    if (file === '')
      throw new UsageError(`missing file in "${url}"`, {
        hint: 'for example jsonfile:/var/lib/game/sessions.json',
      });
    const parameters = new StoreParameters(url, query, ['encoding']);
    const encoding = parameters.choice('encoding', ['', ...recordEncodings], '');
    return new JsonFileStore(file, await bytesOf(file), encoding === '' ? undefined : encoding);
  }

  private constructor(
    private readonly file: string,
    bytes: Buffer,
    encoding: RecordEncoding | undefined,
  ) {
    super();
    const records = new Map<string, StoredRecord>();
    const repeated: UnreadRecord[] = [];
    const entries = parseJsonEntries(bytes, file, isRecordEntry).filter(({value}) => !isSummary(value));
    for (const [at, entry] of entries.entries()) {
      const record = recordOfEntry(entry, at + 1, encoding);
      const {uid} = record;
      const other = records.get(uid);
      if (other !== undefined)
        repeated.push({uid, reason: 'refused', message: 'the file has another entry with the same uid'});
      if (other === undefined || endOf(record) >= endOf(other)) records.set(uid, record);
    }
    this.records = records;
    this.rows = [...records.values()];
    this.repeated = repeated;
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    return this.records.get(userId);
  }

  put(): Promise<string> {
    return this.refuse();
  }

  touch(): Promise<string | undefined> {
    return this.refuse();
  }

  delete(): Promise<boolean> {
    return this.refuse();
  }

  /** Lists records in the order of the file. */
  async list(after: string, limit: number): Promise<RecordPage> {
    const from = after === '' ? 0 : Number(after);
    if (!Number.isSafeInteger(from))
      throw new UsageError(`invalid cursor ${JSON.stringify(after)} for this store`);
    const records = this.rows.slice(from, from + limit);
    const next = from + limit < this.rows.length ? String(from + limit) : '';
    return {records, unread: next === '' ? this.repeated : [], next};
  }

  async keyCount(): Promise<number> {
    return this.records.size;
  }

  async close(): Promise<void> {}

  private async refuse(): Promise<never> {
    throw new UsageError(`the store "jsonfile:${this.file}" is read-only: another program writes the file`, {
      hint: `to change its records, export them and import them into another store: gatectl records export --store jsonfile:${this.file}`,
    });
  }
}

/** Returns true for the last line of an export. */
const isSummary = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === 'summary';

const endOf = ({expiresAt}: StoredRecord): number => expiresAt || Number.POSITIVE_INFINITY;

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readBoundedFile(file, maxFileBytes);
  } catch (cause) {
    const code = errorCodeOrText(cause);
    const text = `cannot read "${file}": ${code === 'EFBIG' ? 'it is larger than 64 MiB' : code}`;
    if (code === 'ENOENT') throw new UsageError(`there is no file "${file}"`, {cause});
    if (code === 'EISDIR') throw new UsageError(`cannot read "${file}": it is a folder`, {cause});
    if (code === 'EACCES' || code === 'EPERM') throw new PermissionError(text, {cause});
    throw new UnreadableRecordError(text, {cause});
  }
}
