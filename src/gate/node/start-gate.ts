import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {errorMessage} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {version} from '../../base/version.js';
import {gateCallHandler} from '../../bus/gate/gate-server.js';
import {isNodeToken, nodeAddress} from '../../bus/node-address.js';
import {Caller} from '../../bus/rpc/caller.js';
import {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import {Responder} from '../../bus/rpc/responder.js';
import {NodeDirectory} from '../../registry/node-directory.js';
import {claimNodeId, type NodeIdClaim} from '../../registry/node-id-claim.js';
import {describeOwnNode} from '../../registry/own-node.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {GateAdmission} from '../../session/gate-admission.js';
import {extensionFunctions, stockFunctions} from '../../session/gate-api.js';
import type {Authenticator} from '../admission/admission.js';
import {authenticationKind, createAuthenticator} from '../admission/create-authenticator.js';
import {ThrottledAuthenticator} from '../admission/throttled-authenticator.js';
import {AddressLimits} from '../listen/address-limits.js';
import {AllowedOrigins} from '../listen/allowed-origins.js';
import {TrustedProxies} from '../listen/trusted-proxies.js';
import {DeliverySender} from '../sessions/delivery-sender.js';
import {EventFeeds} from '../sessions/event-feeds.js';
import {GateCounters} from '../sessions/gate-counters.js';
import {LiveSession} from '../sessions/live-session.js';
import {PushSender} from '../sessions/push-sender.js';
import {SessionPageEncoder} from '../sessions/session-page-encoder.js';
import {SessionTable} from '../sessions/session-table.js';
import {changeWithinSizeLimit} from '../sessions/session-writes.js';
import {GateRecords} from '../storage/gate-records.js';
import {SessionPersistence} from '../storage/session-persistence.js';
import {DrainStatus, registryMetadataOfState} from './drain-status.js';
import {GateNode} from './gate-node.js';
import {defaultLimits, type GateLimits, type GateOptions, withDefaultLimits} from './gate-options.js';
import {LocalGate} from './local-gate.js';
import {MessageRouter} from './message-router.js';
import {ProcessHealthMonitor} from './process-health-monitor.js';
import {type Gate, RunningGate} from './running-gate.js';
import {warmUpProcessOnce} from './warm-up.js';

/** Short enough that it is hardly noticed in a restart, and twice what the warm-up takes on an idle processor. */
const defaultWarmUpMs = 1_000;

const {connectionsPerAddress, connectsPerAddressPerSecond, refusalPauseMs} = defaultLimits;
const addressLimitDefaults = {connectionsPerAddress, connectsPerAddressPerSecond, refusalPauseMs};

/**
 * Starts a gate. Rejects with UsageError if a name, certificate or port can't be used, and with ConflictError if
 * another process uses the id. A failed start releases everything.
 */
export async function startGate(options: GateOptions): Promise<Gate> {
  const {bus, registry, type = 'Gate', now = Date.now, log = () => {}, takeOver} = options;
  const id = nodeIdOf(type, options.id);
  checkCertificateSignIn(options);
  const startedAt = now();
  const address = nodeAddress('gate', id);
  const own = describeOwnNode(registry, {id, type, address, version, subjectPerFunction: true});
  const node = {...own, metadata: {...own.metadata, ...registryMetadataOfState('serving')}};
  // a random id is unique and needs no claim
  const claim =
    options.id === undefined ? undefined : await claimNodeId({bus, registry, node, startedAt, takeOver});
  const calls = outgoingCalls(options, id);
  let running: RunningGate | undefined;
  try {
    const authenticator =
      options.authenticate && (await createAuthenticator(options.authenticate, {...calls, now, log}));
    running = assemble(options, {node, startedAt, claim, calls, authenticator});
    await warmUpProcessOnce(options.warmUpMs ?? defaultWarmUpMs, log);
    await bus.flush();
    await running.register();
    await running.listen();
    running.serve();
    return running;
  } catch (error) {
    await running?.stop({drainMs: 0});
    calls.caller.close();
    await calls.directory.close();
    claim?.release();
    throw error;
  }
}

interface ClaimedNode {
  readonly node: ClusterNode;
  readonly startedAt: number;
  readonly claim: NodeIdClaim | undefined;
  readonly calls: OutgoingCalls;
  readonly authenticator: Authenticator | undefined;
}

/** What a gate needs for calls to modules. */
interface OutgoingCalls {
  readonly replies: ReplyInboxes;
  readonly caller: Caller;
  readonly directory: NodeDirectory;
}

function outgoingCalls(options: GateOptions, nodeId: string): OutgoingCalls {
  const {bus, registry, limits, now = Date.now, log = () => {}} = options;
  const replies = new ReplyInboxes({prefixes: options.replyInboxes, log});
  const timeoutMs = limits?.requestTimeoutMs ?? defaultLimits.requestTimeoutMs;
  return {
    replies,
    caller: new Caller(bus, {caller: nodeId, hostname: hostname(), timeoutMs, now}),
    directory: new NodeDirectory({
      registry,
      inboxes: replies.prefixes,
      now,
      log: (what, error) => log(`${what}: ${errorMessage(error)}`),
    }),
  };
}

function assemble(
  options: GateOptions,
  {node: record, startedAt, claim, calls, authenticator}: ClaimedNode,
): RunningGate {
  const {bus, storage, now = Date.now, log = () => {}} = options;
  const {replies, caller, directory} = calls;
  const {id: nodeId, type, address} = record;
  const limits = withDefaultLimits(options.limits);
  const addresses = new AddressLimits(limits, addressLimitDefaults, now);
  const proxies = trustedProxiesOf(options);
  const origins = new AllowedOrigins(options.origins);
  const table = new SessionTable();
  const pageLimitBytes = Math.floor(bus.maxPayloadBytes / 2);
  const counters = new GateCounters();
  const pushes = new PushSender(options.beforeSend, counters, log);
  const feeds = new EventFeeds({
    nodeId,
    publish: (subject, bytes) => bus.publish(subject, bytes),
    replies,
    limitBytes: pageLimitBytes,
    now: Date.now,
    log,
  });
  const persistence =
    storage &&
    new SessionPersistence({
      storage,
      timeoutMs: limits.storageTimeoutMs,
      restore: (live, settings) =>
        live instanceof LiveSession
          ? changeWithinSizeLimit(live, pageLimitBytes, () => live.importSettings(settings))
          : live.importSettings(settings),
      log,
    });
  const records = new GateRecords(storage, pageLimitBytes);
  const pages = new SessionPageEncoder({table, nodeId, limitBytes: pageLimitBytes, startedAt, now: Date.now});
  const drain = new DrainStatus();
  const health = new ProcessHealthMonitor(table);
  const parts = {nodeId, table, pushes, persistence, feeds, replies, counters, drain, now};
  const {sessionsOverLimit} = options;
  const deliveries = new DeliverySender({pushes, limits});
  const api = new LocalGate({
    ...parts,
    deliveries,
    pages,
    records,
    startedAt,
    pageLimitBytes,
    limits,
    sessionsOverLimit,
    health,
    admission: () => ({
      authenticate: authenticationKind(options.authenticate),
      limits: admissionLimits(limits),
      warmUpMs: options.warmUpMs ?? defaultWarmUpMs,
      origins: options.origins,
      certificates: running.certificates,
    }),
  });
  const router = new MessageRouter({caller, directory, timeoutMs: limits.requestTimeoutMs});
  const throttled =
    authenticator &&
    new ThrottledAuthenticator({
      ...{authenticate: authenticator.authenticate, addresses, proxies, log},
      maxSettingsBytes: pageLimitBytes - sessionBytes,
    });
  const bind = (sessionId: string, userId: string) => api.bind(sessionId, userId);
  const node = new GateNode({...parts, limits, hooks: options, router, authenticator: throttled, bind, log});
  const responder = new Responder({
    bus,
    address,
    functionSubjects: [...stockFunctions, ...extensionFunctions],
    serve: gateCallHandler({gate: api, pages: api, type}),
    replies,
  });
  const running: RunningGate = new RunningGate(options, {
    record,
    claim,
    authenticator,
    limits,
    addresses,
    proxies,
    origins,
    api,
    node,
    drain,
    health,
    feeds,
    responder,
    replies,
    caller,
    directory,
  });
  return running;
}

/** Bytes of a session without its settings, at most. */
const sessionBytes = 2_048;

const admissionLimits = (limits: GateLimits): GateAdmission['limits'] => ({
  maxSessions: limits.maxSessions,
  connectionsPerAddress: limits.connectionsPerAddress,
  connectsPerAddressPerSecond: limits.connectsPerAddressPerSecond,
  sessionsPerUser: limits.sessionsPerUser,
  requestsPerClient: limits.requestsPerClient,
});

function nodeIdOf(type: string, id = randomBytes(8).toString('hex')): string {
  for (const part of [type, id]) {
    if (isNodeToken(part)) continue;
    throw new UsageError(`invalid gate name "${part}"`, {
      hint: 'use up to 64 letters, digits, "-" and "_"',
    });
  }
  return `${type}@${id}`;
}

/** Throws UsageError if clients sign in by certificate, and no listener asks for one: the gate would refuse everyone. */
function checkCertificateSignIn({authenticate, tcp, ws}: GateOptions): void {
  if (typeof authenticate !== 'object' || !('certificate' in authenticate)) return;
  if (tcp?.tls?.ca === undefined && ws?.tls?.ca === undefined)
    throw new UsageError(
      'authenticate.certificate requires tls.ca: the authority that signs client certificates',
    );
}

/** Throws UsageError for an invalid range, and if the PROXY protocol is used without trusted proxies. */
function trustedProxiesOf({trustedProxies = [], tcp, ws}: GateOptions): TrustedProxies {
  const speaksProxy = (tcp?.proxyProtocol ?? false) || (ws?.proxyProtocol ?? false);
  if (speaksProxy && trustedProxies.length === 0)
    throw new UsageError('proxyProtocol requires trustedProxies, the addresses of the proxies', {
      hint: 'set "trustedProxies": ["10.0.0.0/8"]',
    });
  return new TrustedProxies(trustedProxies);
}
