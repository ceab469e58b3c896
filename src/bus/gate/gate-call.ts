import {CallError, DecodeError} from '../../base/errors.js';
import type {CallOptions, GateFunction} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import type {Caller} from '../rpc/caller.js';
import type {ResultEnvelope} from '../rpc/envelope.js';
import {type CallProperties, type CallTarget, PendingCall} from '../rpc/pending-call.js';
import {decodeArgument, type OutgoingArgument, type RpcArgument} from '../rpc/rpc-arguments.js';
import type {SessionQueue, SessionQueueTurn} from '../rpc/session-queue.js';
import {gateFunctions} from './gate-functions.js';
import {errorOfRefusal, malformedReply} from './gate-refusal.js';

/** Dependencies of gate calls. */
export interface GateCallDeps {
  readonly caller: Caller;
  readonly queue: SessionQueue;
  /** Adds the node's kind to the error for a missing function; never rejects. */
  readonly explain?: ((error: UnsupportedError) => Promise<Error>) | undefined;
}

/** A call of a gate function, and how to convert its result. */
export interface GateCallRequest<T> {
  readonly target: CallTarget;
  readonly properties: CallProperties & {readonly fn: GateFunction};
  readonly args: readonly OutgoingArgument[];
  /** The session whose calls run one at a time. */
  readonly sessionId?: string | undefined;
  /** Converts the result. Throws DecodeError or CallError. */
  readonly read: (value: RpcArgument, target: CallTarget, fn: GateFunction) => T;
  /** Converts an error text that is a negative answer to a result; returns undefined for real errors. */
  readonly readText?: ((text: string) => T | undefined) | undefined;
}

/** Calls a gate function. Rejects with CallError, OutcomeUnknownError, NoSessionError, ConflictError, SettingsConflictError or DecodeError. */
export function callGate<T>(deps: GateCallDeps, request: GateCallRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new GateCall(deps, request, resolve, reject);
    if (request.sessionId === undefined) call.begin();
    else deps.queue.enter(request.sessionId, call);
  });
}

class GateCall<T> extends PendingCall implements SessionQueueTurn {
  behind: SessionQueueTurn | undefined;
  private isRetry = false;

  constructor(
    private readonly deps: GateCallDeps,
    private readonly request: GateCallRequest<T>,
    private readonly resolve: (value: T) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    super(request.target, request.properties);
  }

  begin(): void {
    this.deps.caller.start(this, this.request.args);
  }

  answered(result: ResultEnvelope, owned: boolean): void {
    this.leaveQueue();
    try {
      this.resolve(this.outcome(result, owned));
    } catch (error) {
      const {explain} = this.deps;
      if (explain === undefined || !(error instanceof UnsupportedError)) return this.reject(error);
      void explain(error).then(this.reject);
    }
  }

  /**
   * Ends the call with an error. A read is retried once if the bus connection was lost, because a restarting gate is
   * soon back.
   */
  failed(error: Error): void {
    const isLost = error instanceof CallError && error.reason === 'disconnected';
    if (isLost && !this.properties.write && !this.isRetry) {
      this.isRetry = true;
      return this.begin();
    }
    this.leaveQueue();
    this.reject(error);
  }

  private leaveQueue(): void {
    const {sessionId} = this.request;
    if (sessionId !== undefined) this.deps.queue.leave(sessionId, this);
  }

  private outcome({error, resultType, result}: ResultEnvelope, owned: boolean): T {
    const {target, properties, sessionId, read, readText} = this.request;
    if (error !== '') {
      const negative = readText?.(error);
      if (negative !== undefined) return negative;
      throw errorOfRefusal(target.node, properties.fn, error, sessionId);
    }
    return read(
      this.decoded(resultType, owned || !isView(resultType) ? result : Buffer.from(result)),
      target,
      properties.fn,
    );
  }

  private decoded(type: string, bytes: Uint8Array): RpcArgument {
    try {
      return decodeArgument(type, bytes);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      throw malformedReply(this.target.node, this.properties.fn, `bytes that are not a valid ${type}`, cause);
    }
  }
}

/** Returns true if values of this type may be views of the received bytes. */
function isView(type: string): boolean {
  return type !== 'string' && type !== 'SESSION' && type !== 'map' && type !== 'long';
}

/** Call properties without options, shared because nearly all calls have none. */
const plainProperties = new Map(
  Object.entries(gateFunctions).map(([fn, {write}]) => [fn, {fn: fn as GateFunction, write, again: !write}]),
);

/** Returns the properties of a call with these options. */
export function callPropertiesOf(
  fn: GateFunction,
  options: CallOptions | undefined,
): GateCallRequest<unknown>['properties'] {
  const plain = plainProperties.get(fn) ?? {
    fn,
    write: gateFunctions[fn].write,
    again: !gateFunctions[fn].write,
  };
  return options === undefined ? plain : {...plain, ...options};
}
