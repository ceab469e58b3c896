import {
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import {networkErrorText} from '../../base/error-details.js';
import {
  GatectlError,
  OutcomeUnknownError,
  PermissionError,
  UnreachableError,
  UsageError,
} from '../../base/errors.js';

const unauthorized = 13;
const signInCodes: readonly unknown[] = [18, 8000];
/** The server stopped during the operation: it shut down, stepped down, or ran out of time. */
const interruptedCodes: readonly unknown[] = [50, 91, 189, 11_600, 11_602];
/** Wrong namespaces and options. */
const usageCodes: readonly unknown[] = [73];
export const duplicateKeyErrorCode = 11_000;
export const namespaceNotFoundErrorCode = 26;

export const mongoErrorCode = (error: unknown): unknown =>
  error instanceof MongoServerError ? error.code : undefined;

/** Returns true if the driver's client can't be used again: it never connected, or uses an old password. */
export const isLostClient = (error: unknown): boolean =>
  isSignInError(error) ||
  error instanceof MongoServerSelectionError ||
  (error instanceof Error && /TopologyClosed|NotConnected/.test(error.name)) ||
  isSystemError(error);

/** Returns true for a system error, such as a host name that is not found. */
const isSystemError = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && !(error instanceof MongoServerError);

/** Returns true if a sign-in was refused, directly or during server selection. */
function isSignInError(error: unknown): boolean {
  if (signInCodes.includes(mongoErrorCode(error))) return true;
  const {cause} = error as {readonly cause?: unknown};
  return cause instanceof Error && cause !== error && isSignInError(cause);
}

interface TranslationOptions {
  /** The store's URL, masked. */
  readonly shown: string;
  readonly isWrite: boolean;
  readonly timeoutMs: number;
}

/**
 * Converts the driver's errors. A write without an answer becomes OutcomeUnknownError, because it may have been
 * executed. Returns other errors unchanged.
 */
export function convertMongoError(cause: unknown, {shown, isWrite, timeoutMs}: TranslationOptions): unknown {
  if (cause instanceof GatectlError || !(cause instanceof Error)) return cause;
  const text = `MongoDB at ${shown}: ${messageOf(cause, timeoutMs)}`;
  if (cause instanceof MongoParseError || cause instanceof MongoInvalidArgumentError)
    return new UsageError(text, {cause});
  if (isSystemError(cause) && 'path' in cause) return new UsageError(text, {cause}); // a file named in the URL
  if (isSignInError(cause) || mongoErrorCode(cause) === unauthorized)
    return new PermissionError(text, {cause});
  if (usageCodes.includes(mongoErrorCode(cause))) return new UsageError(text, {cause});
  if (isWrite && mayBeExecuted(cause))
    return new OutcomeUnknownError(`${text}; the write may or may not have happened`, {cause});
  if (/^Mongo/.test(cause.name) || isSystemError(cause))
    return new UnreachableError(text, {
      hint: `check the store's URL, and the server: mongosh ${shown.replace(/\/\/[^@/]*@/, '//')}`,
      cause,
    });
  return cause;
}

function mayBeExecuted(error: Error): boolean {
  if (error instanceof MongoWriteConcernError || interruptedCodes.includes(mongoErrorCode(error)))
    return true;
  return error instanceof MongoNetworkError && !/PoolCleared/.test(error.name);
}

function messageOf(error: Error, timeoutMs: number): string {
  if (error instanceof MongoServerSelectionError)
    return `no server within ${timeoutMs} ms: ${selectionReason(error)}`;
  if (error.name === 'MongoWaitQueueTimeoutError') return `no connection within ${timeoutMs} ms`;
  if (error.name === 'MongoNetworkTimeoutError') return `no answer within ${timeoutMs} ms`;
  return brief(error.message);
}

/**
 * Returns why no server could be selected. The driver's message only mentions a timeout; its view of the servers has
 * the reason.
 */
function selectionReason({message, reason}: MongoServerSelectionError): string {
  const servers = [...(reason?.servers.values() ?? [])].slice(0, maxListed);
  if (reason?.setName && servers.length === 0)
    return `no server is a member of the replica set ${JSON.stringify(reason.setName)}`;
  if (servers.length === 0) return brief(message);
  return servers
    .map(({address, error, type}) => `${address} ${error ? faultOf(error) : stateOf(type)}`)
    .join(', ');
}

const faultOf = (error: Error): string => networkErrorText(error.cause) ?? brief(error.message);

const maxListed = 5;

const stateOf = (type: string): string => (type === 'Unknown' ? 'did not answer' : `is ${type}`);

/** Shortens a server's message. It quotes the whole refused command, which may contain a session. */
function brief(message: string): string {
  const text = message.replace(/ (to execute command) \{ (\w+):.*$/s, ' $1 "$2"').replaceAll(/\s+/g, ' ');
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
