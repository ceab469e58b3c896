/** Exit codes of the program: the whole list, documented by `gatectl help exit-codes`. */
export const ExitCode = {
  done: 0,
  negative: 1,
  usage: 2,
  partial: 3,
  notPermitted: 4,
  conflict: 5,
  declined: 6,
  outcomeUnknown: 7,
  unreachable: 8,
  undecodable: 9,
  bug: 70,
  outputFailed: 74,
  hungUp: 129,
  interrupted: 130,
  quit: 131,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface ErrorOptions {
  /** The next command to type, or the next thing to check. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Text of the operator's own and the part of it that is wrong: shown with a mark under the place. */
  readonly place?: TextSpan | undefined;
}

/** A part of a text, as UTF-16 offsets. */
export interface TextSpan {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * An outcome that a person can act on. The message is one lower-case line without a full stop that names
 * the value in quotes; anything thrown that is not one of these is a bug of ours (exit 70).
 */
export abstract class GatectlError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  readonly place: TextSpan | undefined;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause});
    this.name = new.target.name;
    this.hint = options.hint;
    this.place = options.place;
  }
}

/** The command line, the environment or a configuration file is wrong. */
export class UsageError extends GatectlError {
  readonly exitCode = ExitCode.usage;
}

/** The answer is no: not there, already gone. Only said when everyone who could know has answered. */
export class NegativeError extends GatectlError {
  readonly exitCode = ExitCode.negative;
}

/** Some gates did not answer, so what was printed is incomplete. Its exit code is another where no gate answered at all. */
export class PartialError extends GatectlError {
  readonly exitCode: ExitCode;

  constructor(message: string, {exitCode = ExitCode.partial, ...options}: PartialOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export interface PartialOptions extends ErrorOptions {
  readonly exitCode?: ExitCode | undefined;
}

/** Authentication, NATS permissions or read-only stand in the way. */
export class PermissionError extends GatectlError {
  readonly exitCode = ExitCode.notPermitted;
}

/** There is a record, and it could not be read; where a permission is missing it is a PermissionError instead. */
export class UnreadableRecordError extends GatectlError {
  readonly exitCode = ExitCode.partial;
}

export class ConflictError extends GatectlError {
  readonly exitCode = ExitCode.conflict;
}

/** A setting of the session is not as the edit expected it; nothing was changed (`Settings conflict` on the wire). */
export class SettingsConflictError extends ConflictError {
  constructor(sessionId: string, options: ErrorOptions = {}) {
    super(`settings of session "${sessionId}" were changed meanwhile`, options);
  }
}

/** The operator declined or aborted; nothing was sent. */
export class DeclinedError extends GatectlError {
  readonly exitCode = ExitCode.declined;
}

/** A write was sent and its reply never came: it may or may not have happened. Never retried blindly. */
export class OutcomeUnknownError extends GatectlError {
  readonly exitCode = ExitCode.outcomeUnknown;
}

/** NATS, the registry or every gate could not be reached. */
export class UnreachableError extends GatectlError {
  readonly exitCode = ExitCode.unreachable;
}

/** The registry answered, and no gate is in it. */
export class NoGateError extends UnreachableError {
  override name = 'UnreachableError'; // as programs know it
}

/** Bytes that are not what they should be. */
export class DecodeError extends GatectlError {
  readonly exitCode = ExitCode.undecodable;
  /** Byte offset of the first byte that is wrong, where it is known. */
  readonly offset: number | undefined;

  constructor(message: string, options: ErrorOptions & {readonly offset?: number | undefined} = {}) {
    super(options.offset === undefined ? message : `${message} at byte ${options.offset}`, options);
    this.offset = options.offset;
  }
}

/** stdout or a file could not be written (full, closed in the middle of a document). */
export class OutputError extends GatectlError {
  readonly exitCode = ExitCode.outputFailed;
}

const codeOfSignal = {
  SIGHUP: ExitCode.hungUp,
  SIGINT: ExitCode.interrupted,
  SIGQUIT: ExitCode.quit,
  SIGTERM: ExitCode.terminated,
} as const;

export class InterruptedError extends GatectlError {
  readonly exitCode: ExitCode;

  constructor(signal: keyof typeof codeOfSignal) {
    super(`interrupted by ${signal}`);
    this.exitCode = codeOfSignal[signal];
  }
}

/**
 * Throws the reason of an interruption by SIGHUP or SIGQUIT. SIGINT and SIGTERM are the ordinary ways to stop a server: it
 * has done its work, and its exit code is 0.
 */
export function throwIfHungUpOrQuit({aborted, reason}: AbortSignal): void {
  if (!aborted || !(reason instanceof InterruptedError)) return;
  if (reason.exitCode === ExitCode.hungUp || reason.exitCode === ExitCode.quit) throw reason;
}

/** Why one gate gave no usable answer; the words of the partial-results contract. */
export type FailureReason =
  | 'timeout'
  | 'no-responders'
  | 'refused'
  | 'unsupported'
  | 'bad-reply'
  | 'too-large'
  | 'not-permitted'
  | 'disconnected'
  | 'duplicate-id';

/** One call to one node that did not succeed. `refused` carries the node's own words in the message. */
export class CallError extends GatectlError {
  readonly reason: FailureReason;
  readonly node: string;
  readonly fn: string;

  constructor(
    failure: {readonly reason: FailureReason; readonly node: string; readonly fn: string},
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options);
    this.reason = failure.reason;
    this.node = failure.node;
    this.fn = failure.fn;
  }

  get exitCode(): ExitCode {
    switch (this.reason) {
      case 'refused':
      case 'unsupported':
      case 'too-large':
        return ExitCode.negative;
      case 'not-permitted':
        return ExitCode.notPermitted;
      case 'bad-reply':
        return ExitCode.undecodable;
      case 'duplicate-id':
        return ExitCode.conflict;
      case 'timeout':
      case 'no-responders':
      case 'disconnected':
        return ExitCode.unreachable;
      default:
        return this.reason satisfies never;
    }
  }
}

/**
 * The gate has no session of that id (mqant's words on the wire: `No Sesssion found`). It has no stack: it is what all gates but
 * one answer when each is asked for a session, and taking a stack costs more than the rest of the call.
 */
export class NoSessionError extends NegativeError {
  readonly sessionId: string;

  constructor(sessionId: string, options: ErrorOptions = {}) {
    const {stackTraceLimit} = Error;
    Error.stackTraceLimit = 0;
    super(`no session "${sessionId}"`, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.sessionId = sessionId;
  }
}

export function exitCodeFor(error: unknown): ExitCode {
  return error instanceof GatectlError ? error.exitCode : ExitCode.bug;
}
