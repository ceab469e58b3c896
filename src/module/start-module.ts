import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {type ConflictError, UsageError} from '../base/errors.js';
import {settlesWithinMs} from '../base/signals.js';
import {version as ownVersion} from '../base/version.js';
import {isNodeToken, nodeAddress} from '../bus/address.js';
import type {Bus} from '../bus/bus.js';
import {Caller} from '../bus/rpc/caller.js';
import {ReplyInboxes} from '../bus/rpc/reply-inboxes.js';
import {Responder} from '../bus/rpc/responder.js';
import {claimNode, type NodeClaim} from '../registry/node-claim.js';
import {NodeDirectory} from '../registry/node-directory.js';
import {ownNode} from '../registry/own-node.js';
import type {ClusterNode, Registration, Registry} from '../registry/registry.js';
import {decodeSession} from '../session/codec/session-protobuf.js';
import type {GuestRule} from '../session/session.js';
import {moduleCall} from './call-module.js';
import {ConcurrencyLimit} from './concurrency-limit.js';
import type {Handlers, ModuleCall, ModuleFunctions} from './handler.js';
import {RemoteSession} from './remote-session.js';
import {serveHandlers} from './serve-handlers.js';
import {type SessionGates, sessionGates} from './session-gate.js';

export interface ModuleOptions {
  /** What clients name first in a topic: `HelloWorld`. */
  readonly type: string;
  /** Random when not given, as in mqant. */
  readonly id?: string | undefined;
  /** Starts although another process answers under the id, and has that one stop. */
  readonly takeOver?: boolean | undefined;
  /** Stays the caller's: closed by him, after the module. */
  readonly bus: Bus;
  readonly registry: Registry;
  readonly handlers: Handlers;
  /** For other modules to call. */
  readonly functions?: ModuleFunctions | undefined;
  /** Calls that are served at once (1,000), and that wait beside them (10,000); the next is told "the module is busy". */
  readonly limits?: {readonly concurrent?: number; readonly waiting?: number} | undefined;
  /** The module's own version, for the registry. */
  readonly version?: string | undefined;
  /** Who counts as a guest; mqant's rule when not given. */
  readonly guestRule?: GuestRule | undefined;
  /** Deadline of one call to a gate in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Subject prefixes that callers may name their inboxes under; NATS inboxes and those of the roles when not given. */
  readonly replyInboxes?: readonly string[] | undefined;
  readonly now?: (() => number) | undefined;
  /** Hears of handlers that threw and of a registry that went away. */
  readonly log?: ((message: string, error: unknown) => void) | undefined;
}

/** A running backend module. */
export interface Module {
  /** `<type>@<id>`. */
  readonly nodeId: string;
  readonly address: string;
  /** Calls another module. */
  readonly call: ModuleCall;
  /** Resolves when another process has the module's id: the module stops by itself. */
  readonly superseded: Promise<ConflictError>;
  /** The session that `RemoteSession.serialize` (or mqant's `Serializable`) wrote. Throws DecodeError. */
  restoreSession(bytes: Uint8Array): RemoteSession;
  /** Leaves the registry, answers what it has begun (for at most `graceMs`, 5 s), then stops. Safe to call twice. */
  close(graceMs?: number): Promise<void>;
}

const defaultTimeoutMs = 5000;
const defaultGraceMs = 5000;
const defaultConcurrent = 1000;
const defaultWaiting = 10_000;

/**
 * Serves the handlers, then registers: who finds the module can call it. Rejects with ConflictError when another process
 * answers under the id.
 */
export async function startModule(options: ModuleOptions): Promise<Module> {
  const {bus, registry, type, version = ownVersion, now = Date.now, takeOver} = options;
  const id = nodeIdOf(options);
  const address = nodeAddress('module', id);
  const node = ownNode(registry, {id, type, address, version, subjectPerFunction: false});
  const claim =
    options.id === undefined
      ? undefined // nobody else draws the same random id
      : await claimNode({bus, registry, node, startedAt: now(), takeOver});
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
  claim: NodeClaim | undefined,
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
  const home = sessionGates({
    caller,
    directory,
    maxPayloadBytes: bus.maxPayloadBytes,
    guestRule: options.guestRule,
  });
  const call = moduleCall({caller, directory});
  const {concurrent = defaultConcurrent, waiting = defaultWaiting} = options.limits ?? {};
  const places = new ConcurrencyLimit(concurrent, waiting);
  const responder = new Responder({
    bus,
    address,
    serve: serveHandlers({handlers, functions, home, call, places, type, log}),
    replies,
  });
  const stop = async (graceMs: number) => {
    await settlesWithinMs(graceMs, responder.stop()); // a handler that never ends must not keep the module from ending
    await directory.close();
    caller.close();
  };
  try {
    await bus.flush();
    const registration = await registry.register(node, undefined, replies);
    return await runningModule({node, home, call, registration, responder, claim, stop, log});
  } catch (error) {
    await stop(0);
    throw error;
  }
}

function nodeIdOf({type, id = randomBytes(8).toString('hex')}: ModuleOptions): string {
  for (const part of [type, id]) {
    if (isNodeToken(part)) continue;
    throw new UsageError(`"${part}" cannot be part of a module's name`, {
      hint: 'use up to 64 letters, digits, "-" and "_"',
    });
  }
  return `${type}@${id}`;
}

interface RunningParts {
  readonly node: ClusterNode;
  readonly home: SessionGates;
  readonly call: ModuleCall;
  readonly registration: Registration;
  readonly responder: Responder;
  readonly claim: NodeClaim | undefined;
  readonly log: NonNullable<ModuleOptions['log']>;
  readonly stop: (graceMs: number) => Promise<void>;
}

/** Closes the registration, and throws, when another process was given the id meanwhile. */
async function runningModule(parts: RunningParts): Promise<Module> {
  const {node, home, call, registration, responder, claim, stop, log} = parts;
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
    restoreSession: (bytes) => new RemoteSession(decodeSession(bytes), home),
    close(graceMs = defaultGraceMs) {
      closing ??= leave(graceMs);
      return closing;
    },
  };
  if (claim !== undefined) claim.restore = () => void registration.restore?.();
  void module.superseded.then((error) => {
    log(`module ${node.id}`, error);
    void responder.stop(); // the other one answers from now on
    void module.close().catch(() => {});
  });
  return module;
}
