/** All exit codes of the program; `gatectl help exit-codes` documents them. */
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
  /** The next command to run or thing to check. Defaults to the hint of the cause. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** The invalid part of a text that the operator typed; error output marks it with `^`. Defaults to that of the cause. */
  readonly place?: TextSpan | undefined;
  /** Flags with which the same command line works. The program shows the whole line after the hint. */
  readonly retryWith?: readonly string[] | undefined;
}

/** Part of a text, in UTF-16 offsets. */
export interface TextSpan {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Maximum length of an error message, in UTF-16 units. A message may quote a long value. */
const maxMessageLength = 2000;
const endLength = 500;

/** Cuts the middle out of a long message: the reason is often at its end. */
function shortMessage(message: string): string {
  if (message.length <= maxMessageLength) return message;
  const cut = message.length - maxMessageLength;
  const start = message.slice(0, maxMessageLength - endLength).toWellFormed();
  return `${start}… (${cut} more characters) …${message.slice(-endLength).toWellFormed()}`;
}

/**
 * An error that an operator can act on. The message is one lower-case line without a full stop, and quotes the value. Any
 * other thrown value is a bug in gatectl (exit code 70).
 */
export abstract class GatectlError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  readonly place: TextSpan | undefined;
  readonly retryWith: readonly string[] | undefined;

  constructor(message: string, options: ErrorOptions = {}) {
    super(shortMessage(message), options.cause === undefined ? undefined : {cause: options.cause});
    this.name = new.target.name;
    const {cause} = options;
    const inner = cause instanceof GatectlError ? cause : undefined;
    this.hint = options.hint ?? inner?.hint;
    this.place = options.place ?? inner?.place;
    this.retryWith = options.retryWith ?? inner?.retryWith;
  }
}

/** Thrown when the command line, the environment or a configuration file is wrong. */
export class UsageError extends GatectlError {
  readonly exitCode = ExitCode.usage;
}

/** Thrown for a flag value that clearly means another one, such as `--network ws`. */
export class MistypedValueError extends UsageError {
  override name = 'UsageError'; // the documented `kind` in JSON errors
  readonly flag: string;
  readonly typed: string;
  readonly meant: string;

  constructor(
    message: string,
    {flag, typed, meant, ...options}: ErrorOptions & Pick<MistypedValueError, 'flag' | 'typed' | 'meant'>,
  ) {
    super(message, {hint: `did you mean ${flag} ${meant}?`, ...options});
    this.flag = flag;
    this.typed = typed;
    this.meant = meant;
  }
}

/** Thrown when a session, record or context does not exist, after every gate that could have it has answered. */
export class NegativeError extends GatectlError {
  readonly exitCode = ExitCode.negative;
}

/** Thrown when some gates did not answer, so that the result is incomplete. If none answered, it has another exit code. */
export class PartialError extends GatectlError {
  readonly exitCode: ExitCode;

  constructor(message: string, {exitCode = ExitCode.partial, ...options}: PartialOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

interface PartialOptions extends ErrorOptions {
  readonly exitCode?: ExitCode | undefined;
}

/** Thrown when authentication, NATS or store permissions, or read-only mode prevent an operation. */
export class PermissionError extends GatectlError {
  readonly exitCode = ExitCode.notPermitted;
}

/** Thrown when a record exists but can't be read. For a missing permission, PermissionError is thrown instead. */
export class UnreadableRecordError extends GatectlError {
  readonly exitCode = ExitCode.partial;
}

export class ConflictError extends GatectlError {
  readonly exitCode = ExitCode.conflict;
}

/** Thrown when a setting differs from the value that an edit expects (`Settings conflict` on the wire). Nothing was changed. */
export class SettingsConflictError extends ConflictError {
  constructor(sessionId: string, options: ErrorOptions = {}) {
    super(`settings of session "${sessionId}" were changed concurrently`, options);
  }
}

/** Thrown when the operator declines or aborts. Nothing was sent. */
export class DeclinedError extends GatectlError {
  readonly exitCode = ExitCode.declined;
}

/** Thrown when a write was sent but not answered, so it may have taken effect. Check before retrying. */
export class OutcomeUnknownError extends GatectlError {
  readonly exitCode = ExitCode.outcomeUnknown;
}

/** Thrown when NATS, the registry or every gate is unreachable. */
export class UnreachableError extends GatectlError {
  readonly exitCode = ExitCode.unreachable;
}

/** Thrown when the registry lists no gate. */
export class NoGateError extends UnreachableError {
  override name = 'UnreachableError'; // the documented `kind` in JSON errors
}

/** Thrown when bytes can't be decoded. */
export class DecodeError extends GatectlError {
  readonly exitCode = ExitCode.undecodable;
  /** Offset of the first invalid byte, if known. */
  readonly offset: number | undefined;

  constructor(message: string, options: ErrorOptions & {readonly offset?: number | undefined} = {}) {
    super(options.offset === undefined ? message : `${message} at byte ${options.offset}`, options);
    this.offset = options.offset;
  }
}

/** Thrown when stdout or a file can't be written, for example on a full disk. */
export class OutputError extends GatectlError {
  readonly exitCode = ExitCode.outputFailed;
}

/** Abort reason when the reader of stdout has exited, as with `| head`. The program stops silently with exit code 0. */
export class ClosedPipeError extends GatectlError {
  readonly exitCode = ExitCode.done;

  constructor() {
    super('the reader of stdout has exited');
  }
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
 * Throws the reason of a signal aborted by SIGHUP or SIGQUIT. SIGINT and SIGTERM are the normal ways to stop a server, which
 * then exits with code 0.
 */
export function throwIfHungUpOrQuit({aborted, reason}: AbortSignal): void {
  if (!aborted || !(reason instanceof InterruptedError)) return;
  if (reason.exitCode === ExitCode.hungUp || reason.exitCode === ExitCode.quit) throw reason;
}

/** Why a gate returned no usable reply, as in JSON output. */
export type CallFailureReason =
  | 'timeout'
  | 'no-responders'
  | 'refused'
  | 'unsupported'
  | 'bad-reply'
  | 'too-large'
  | 'not-permitted'
  | 'disconnected'
  | 'duplicate-id';

/** Thrown when a call to a node fails. For `refused`, the message comes from the node. */
export class CallError extends GatectlError {
  readonly reason: CallFailureReason;
  readonly node: string;
  readonly fn: string;

  constructor(
    failure: {readonly reason: CallFailureReason; readonly node: string; readonly fn: string},
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
 * Thrown when a gate has no session with this id (on the wire, mqant's message `No Sesssion found`). Has no stack: when every gate
 * is asked for a session, all but one reply with this error, and capturing a stack costs more than the rest of the call.
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

/** Thrown when the registry has no gate with this id. */
export class UnknownGateError extends NegativeError {
  override name = 'NegativeError'; // the documented `kind` in JSON errors

  constructor(
    readonly typed: string,
    /** The gate that the operator most likely meant. */
    readonly meant: string | undefined,
    options: ErrorOptions = {},
  ) {
    super(`no gate "${typed}" in the registry`, options);
  }
}

/** Thrown when a session reference matches no session, but is the uid of one or more. */
export class UidAsSessionError extends NegativeError {
  readonly uid: string;
  /** Other session references on the same command line that are uids. */
  readonly others: readonly string[];

  constructor(
    uid: string,
    /** The sessions of the uid: `Gate@id/<session id>`. */
    readonly sessions: readonly string[],
    {others = [], ...options}: ErrorOptions & {readonly others?: readonly string[]} = {},
  ) {
    const count = sessions.length === 1 ? 'one session' : `${sessions.length} sessions`;
    super(`no session "${uid}", but uid "${uid}" has ${count}`, options);
    this.name = 'NegativeError'; // the documented `kind` in JSON errors
    this.uid = uid;
    this.others = others;
  }
}

/** Thrown when a uid has several sessions where one is expected. */
export class SeveralSessionsError extends ConflictError {
  constructor(
    readonly uid: string,
    /** `Gate@id/<session id>`. */
    readonly sessions: readonly string[],
    options: ErrorOptions = {},
  ) {
    const more = sessions.length > maxNamedSessions ? ` and ${sessions.length - maxNamedSessions} more` : '';
    const some = sessions.slice(0, maxNamedSessions).join(', ');
    super(`uid "${uid}" has ${sessions.length} sessions: ${some}${more}`, options);
    this.name = 'ConflictError'; // the documented `kind` in JSON errors
  }
}

/** Number of sessions that an error names. */
const maxNamedSessions = 5;

/** Thrown when the first characters of an id name a session where only a whole id is accepted. */
export class ShortenedIdError extends NegativeError {
  constructor(
    readonly typed: string,
    /** The whole id. */
    readonly id: string,
  ) {
    super(`no session "${typed}": a write without a terminal needs the whole id`, {
      hint: `did you mean ${id}?`,
    });
    this.name = 'NegativeError'; // the documented `kind` in JSON errors
  }
}

export function exitCodeFor(error: unknown): ExitCode {
  return error instanceof GatectlError ? error.exitCode : ExitCode.bug;
}
