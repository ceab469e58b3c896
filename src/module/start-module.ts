import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {settlesWithinMs} from '../base/abort-signals.js';
import {ConcurrencyLimit} from '../base/concurrency-limit.js';
import {type ConflictError, UsageError} from '../base/errors.js';
import {version as ownVersion} from '../base/version.js';
import type {Bus} from '../bus/bus.js';
import {isNodeToken, nodeAddress} from '../bus/node-address.js';
import {Caller} from '../bus/rpc/caller.js';
import {ReplyInboxes} from '../bus/rpc/reply-inboxes.js';
import {Responder} from '../bus/rpc/responder.js';
import {NodeDirectory} from '../registry/node-directory.js';
import {claimNodeId, type NodeIdClaim} from '../registry/node-id-claim.js';
import {describeOwnNode} from '../registry/own-node.js';
import type {ClusterNode, Registration, Registry} from '../registry/registry.js';
import {decodeSession} from '../session/codec/session-protobuf.js';
import type {GuestRule} from '../session/session.js';
import {createModuleCall} from './call-module.js';
import type {Handlers, ModuleCall, ModuleFunctions} from './handler-types.js';
import {RemoteSession} from './remote-session.js';
import {serveHandlers} from './serve-handlers.js';
import {createSessionGates, type SessionGates} from './session-gate.js';

export interface ModuleOptions {
  /** First part of a client's topic, such as `HelloWorld`. */
  readonly type: string;
  /** Random by default, as in mqant. */
  readonly id?: string | undefined;
  /** Starts even if another process uses the id, and stops that process. */
  readonly takeOver?: boolean | undefined;
  /** The bus. The caller closes it, after the module. */
  readonly bus: Bus;
  readonly registry: Registry;
  readonly handlers: Handlers;
  /** Functions for other modules. */
  readonly functions?: ModuleFunctions | undefined;
  /**
   * How many calls run concurrently (default 1,000) and how many may wait (10,000). Further calls fail with "the
   * module is busy".
   */
  readonly limits?: {readonly concurrent?: number; readonly waiting?: number} | undefined;
  /** Version of the module itself, shown in the registry. */
  readonly version?: string | undefined;
  /** Decides which sessions are guests; by default mqant's rule. */
  readonly guestRule?: GuestRule | undefined;
  /** Timeout for a call to a gate, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Prefixes of allowed reply inboxes. By default `_INBOX`, and `_INBOX_<role>` for each role. */
  readonly replyInboxes?: readonly string[] | undefined;
  readonly now?: (() => number) | undefined;
  /** Called if a handler throws or the registry fails. */
  readonly log?: ((message: string, error: unknown) => void) | undefined;
}

/** A running backend module. */
export interface Module {
  /** `<type>@<id>`. */
  readonly nodeId: string;
  readonly address: string;
  /** Calls another module. */
  readonly call: ModuleCall;
  /** Resolves when another process takes over the id. The module then stops. */
  readonly superseded: Promise<ConflictError>;
  /**
   * Restores a session from the bytes of `RemoteSession.serialize` or of mqant's `Serializable`. Throws DecodeError.
   */
  restoreSession(bytes: Uint8Array): RemoteSession;
  /**
   * Leaves the registry, finishes calls in progress (for at most `graceMs`, by default 5 s), then stops. Idempotent.
   */
  close(graceMs?: number): Promise<void>;
}

const defaultTimeoutMs = 5000;
const defaultGraceMs = 5000;
const defaultConcurrent = 1000;
const defaultWaiting = 10_000;

/**
 * Starts serving the handlers, then registers the module, so that every node that finds it can call it. Rejects with
 * ConflictError if another process uses the id.
 */
export async function startModule(options: ModuleOptions): Promise<Module> {
  const {bus, registry, type, version = ownVersion, now = Date.now, takeOver} = options;
  const id = nodeIdOf(options);
  const address = nodeAddress('module', id);
  const node = describeOwnNode(registry, {id, type, address, version, subjectPerFunction: false});
  const claim =
    options.id === undefined
      ? undefined // a random id is unique and needs no claim
      : await claimNodeId({bus, registry, node, startedAt: now(), takeOver});
  try {
    return await startClaimed(options, node, claim);
  } catch (error) {
    claim?.release();
    throw error;
  }
}

async function startClaimed(
  options: ModuleOptions,
  node: ClusterNode,
  claim: NodeIdClaim | undefined,
): Promise<Module> {
  const {id: nodeId, address} = node;
  const log = options.log ?? (() => {});
  const {bus, registry, handlers, functions, type} = options;
  const caller = new Caller(bus, {
    caller: nodeId,
    hostname: hostname(),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    ...(options.now && {now: options.now}),
  });
  const replies = new ReplyInboxes({
    prefixes: options.replyInboxes,
    log: (line) => log(`module ${nodeId}`, new Error(line)),
  });
  const directory = new NodeDirectory({registry, inboxes: replies.prefixes, log});
  const gates = createSessionGates({
    caller,
    directory,
    maxPayloadBytes: bus.maxPayloadBytes,
    guestRule: options.guestRule,
  });
  const call = createModuleCall({caller, directory});
  const {concurrent = defaultConcurrent, waiting = defaultWaiting} = options.limits ?? {};
  const limit = new ConcurrencyLimit(concurrent, waiting);
  const responder = new Responder({
    bus,
    address,
    serve: serveHandlers({handlers, functions, gates, call, limit, type, log}),
    replies,
  });
  const stop = async (graceMs: number) => {
    await settlesWithinMs(graceMs, responder.stop()); // a handler that hangs must not keep the module open
    await directory.close();
    caller.close();
  };
  try {
    await bus.flush();
    const registration = await registry.register(node, undefined, replies);
    return await runningModule({node, gates, call, registration, responder, claim, stop, log});
  } catch (error) {
    await stop(0);
    throw error;
  }
}

function nodeIdOf({type, id = randomBytes(8).toString('hex')}: ModuleOptions): string {
  for (const part of [type, id]) {
    if (isNodeToken(part)) continue;
    throw new UsageError(`invalid module name "${part}"`, {
      hint: 'use up to 64 letters, digits, "-" and "_"',
    });
  }
  return `${type}@${id}`;
}

interface RunningParts {
  readonly node: ClusterNode;
  readonly gates: SessionGates;
  readonly call: ModuleCall;
  readonly registration: Registration;
  readonly responder: Responder;
  readonly claim: NodeIdClaim | undefined;
  readonly log: NonNullable<ModuleOptions['log']>;
  readonly stop: (graceMs: number) => Promise<void>;
}

/** Returns the running module. Closes the registration and throws if another process took the id meanwhile. */
async function runningModule(parts: RunningParts): Promise<Module> {
  const {node, gates, call, registration, responder, claim, stop, log} = parts;
  try {
    claim?.serve();
  } catch (error) {
    await registration.close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const leave = async (graceMs: number): Promise<void> => {
    try {
      await registration.close();
    } finally {
      claim?.release();
      await stop(graceMs);
    }
  };
  const module: Module = {
    nodeId: node.id,
    address: node.address,
    call,
    superseded: claim?.lost ?? new Promise(() => {}),
    restoreSession: (bytes) => new RemoteSession(decodeSession(bytes), gates),
    close(graceMs = defaultGraceMs) {
      closing ??= leave(graceMs);
      return closing;
    },
  };
  if (claim !== undefined) claim.restore = () => void registration.restore?.();
  void module.superseded.then((error) => {
    log(`module ${node.id}`, error);
    void responder.stop(); // the other process answers from now on
    void module.close().catch(() => {});
  });
  return module;
}
