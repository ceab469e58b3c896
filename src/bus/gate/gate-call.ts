import {CallError, DecodeError} from '../../base/errors.js';
import type {GateFunction} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import {type Argument, decodeArgument, type OutgoingArgument} from '../rpc/arguments.js';
import type {Caller} from '../rpc/caller.js';
import type {ResultEnvelope} from '../rpc/envelope.js';
import {type CallShape, type CallTarget, PendingCall} from '../rpc/pending-call.js';
import type {QueueTurn, SessionQueue} from '../rpc/session-queue.js';
import {malformedReply, refusalError} from './gate-refusal.js';

/** Dependencies of calls to a gate. */
export interface GateCallDeps {
  readonly caller: Caller;
  readonly queue: SessionQueue;
  /** Adds the node's kind to the error for a missing function; never rejects. */
  readonly explain?: ((error: UnsupportedError) => Promise<Error>) | undefined;
}

/** A call of a gate function and the conversion of its result. */
export interface GateRequest<T> {
  readonly target: CallTarget;
  readonly shape: CallShape & {readonly fn: GateFunction};
  readonly args: readonly OutgoingArgument[];
  /** The session whose calls are serialized. */
  readonly sessionId?: string | undefined;
  /** Converts the result. Throws DecodeError or CallError. */
  readonly read: (value: Argument, target: CallTarget, fn: GateFunction) => T;
  /** Converts the error text of a negative reply; undefined for real errors. */
  readonly readText?: ((text: string) => T | undefined) | undefined;
}

/** Calls a gate function. Rejects with CallError, OutcomeUnknownError, NoSessionError, ConflictError, SettingsConflictError or DecodeError. */
export function callGate<T>(door: GateCallDeps, question: GateRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new GateCall(door, question, resolve, reject);
    if (question.sessionId === undefined) call.begin();
    else door.queue.enter(question.sessionId, call);
  });
}

class GateCall<T> extends PendingCall implements QueueTurn {
  behind: QueueTurn | undefined;
  private isAgain = false;

  constructor(
    private readonly door: GateCallDeps,
    private readonly question: GateRequest<T>,
    private readonly resolve: (value: T) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    super(question.target, question.shape);
  }

  begin(): void {
    this.door.caller.start(this, this.question.args);
  }

  answered(result: ResultEnvelope, owned: boolean): void {
    this.leave();
    try {
      this.resolve(this.outcome(result, owned));
    } catch (error) {
      const {explain} = this.door;
      if (explain === undefined || !(error instanceof UnsupportedError)) return this.reject(error);
      void explain(error).then(this.reject);
    }
  }

  /** A read is retried once when the bus was lost, because a restarting gate is back in a moment. */
  failed(error: Error): void {
    const isLost = error instanceof CallError && error.reason === 'disconnected';
    if (isLost && !this.shape.write && !this.isAgain) {
      this.isAgain = true;
      return this.begin();
    }
    this.leave();
    this.reject(error);
  }

  private leave(): void {
    const {sessionId} = this.question;
    if (sessionId !== undefined) this.door.queue.leave(sessionId, this);
  }

  private outcome({error, resultType, result}: ResultEnvelope, owned: boolean): T {
    const {target, shape, sessionId, read, readText} = this.question;
    if (error !== '') {
      const told = readText?.(error);
      if (told !== undefined) return told;
      throw refusalError(target.node, shape.fn, error, sessionId);
    }
    return read(
      this.decoded(resultType, owned || !isKept(resultType) ? result : Buffer.from(result)),
      target,
      shape.fn,
    );
  }

  private decoded(type: string, bytes: Uint8Array): Argument {
    try {
      return decodeArgument(type, bytes);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      throw malformedReply(this.target.node, this.shape.fn, `bytes that are not a valid ${type}`, cause);
    }
  }
}

/** Reports whether values of a type may be views into the received bytes. */
function isKept(type: string): boolean {
  return type !== 'string' && type !== 'SESSION' && type !== 'map' && type !== 'long';
}
