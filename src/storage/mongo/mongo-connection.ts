import {setTimeout as wait} from 'node:timers/promises';
import {type Collection, MongoClient, MongoParseError} from 'mongodb';
import {errorMessage} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {convertMongoError, isLostClient} from './mongo-errors.js';
import {type MongoStoreOptions, parameterNames} from './mongo-url.js';

interface MongoConnectionOptions
  extends Pick<MongoStoreOptions, 'connection' | 'shown' | 'database' | 'collection'> {
  /** Returns the connection string with the current password. */
  readonly current: () => string;
  readonly timeoutMs: number;
}

/**
 * Runs calls of the MongoDB driver with timeouts. After a failed connection, the next call signs in again with the
 * password that is current then.
 */
export class MongoConnection {
  private client: MongoClient;

  constructor(private readonly options: MongoConnectionOptions) {
    this.client = openClient(options);
  }

  /** True if there are several servers, which elect another primary after a failure. */
  get hasReplicas(): boolean {
    const {hosts, replicaSet, srvHost} = this.client.options;
    return hosts.length > 1 || replicaSet !== undefined || srvHost !== undefined;
  }

  read<T>(work: (collection: Collection, client: MongoClient) => Promise<T>): Promise<T> {
    return this.run(work, false);
  }

  /** Runs a write. If the server does not answer, rejects with OutcomeUnknownError. */
  write<T>(work: (collection: Collection, client: MongoClient) => Promise<T>): Promise<T> {
    return this.run(work, true);
  }

  /** Closes the connection. Resolves within the timeout even if the server does not answer. */
  async close(): Promise<void> {
    await closed(this.client, this.options.timeoutMs);
  }

  private async run<T>(
    work: (collection: Collection, client: MongoClient) => Promise<T>,
    isWrite: boolean,
  ): Promise<T> {
    const {client} = this;
    const {database, collection, shown, timeoutMs} = this.options;
    try {
      return await work(client.db(database).collection(collection), client);
    } catch (cause) {
      if (isLostClient(cause) && client === this.client) {
        this.client = openClient(this.options);
        void closed(client, timeoutMs);
      }
      throw convertMongoError(cause, {shown, isWrite, timeoutMs});
    }
  }
}

async function closed(client: MongoClient, timeoutMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([
    client.close().catch(() => {}),
    wait(timeoutMs, undefined, {signal: over.signal}).catch(() => {}),
  ]);
  over.abort();
}

/** Creates a client. Throws UsageError for a connection string that the driver rejects. */
function openClient({current, shown, timeoutMs}: MongoConnectionOptions): MongoClient {
  let client: MongoClient;
  try {
    client = new MongoClient(current(), {
      appName: 'gatectl',
      connectTimeoutMS: timeoutMs,
      serverSelectionTimeoutMS: timeoutMs,
      socketTimeoutMS: timeoutMs,
      waitQueueTimeoutMS: timeoutMs,
      useBigInt64: true, // ids beyond 2^53 stay exact
    });
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const reason = reasonOf(cause);
    throw new UsageError(`invalid MongoDB URL "${shown}": ${reason}`, {
      hint: reason.endsWith(' is not supported')
        ? `known parameters: ${parameterNames.join(', ')}, and the options of MongoDB's connection strings`
        : 'for example mongodb://user@127.0.0.1:27017/game?authSource=admin (characters such as @ and / in a name or password are percent-encoded)',
    });
  }
  if (client.options.writeConcern?.w !== 0) return client;
  void client.close();
  throw new UsageError(`w=0 in "${shown}" would silently lose writes`, {hint: 'remove w=0'});
}

/**
 * Returns the driver's reason. If its message may contain the connection string, and so the password, returns a
 * generic reason.
 */
function reasonOf(cause: unknown): string {
  const message = errorMessage(cause);
  if (message.includes('://') || message.includes('@') || !(cause instanceof MongoParseError))
    return 'it is malformed';
  return message;
}
