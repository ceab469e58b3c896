import {UsageError} from '../base/errors.js';
import {isNodeToken, nodeAddress, nodeSubjects} from '../bus/address.js';
import {gateFunctions} from '../bus/gate/gate-functions.js';
import {defaultReplyInboxes, inboxPrefixOf, type Role, roles} from '../bus/rpc/reply-inboxes.js';
import {heartbeatSubject} from '../registry/nats/nats-presence.js';
import type {GateFunction} from '../session/gate-api.js';

/** What NATS has to let a role publish and subscribe; nothing else is needed. */
export interface RolePermissions {
  readonly role: Role;
  readonly about: string;
  /** To be passed as `--inbox-prefix`, so that no role can listen to the answers of another. */
  readonly inboxPrefix: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const abouts: Readonly<Record<Role, string>> = {
  viewer: 'sees everything, changes nothing',
  tracer: 'also reads all that passes on the bus, bodies and secrets too (gatectl trace); changes nothing',
  support: 'also sends to clients, changes settings, kicks; binds nobody and touches no record',
  admin: 'everything',
};

/** Writes that support may do: they end with the session, and the client can come back. */
const supportWrites: ReadonlySet<GateFunction> = new Set([
  'Send',
  'SendBatch',
  'Push',
  'Set',
  'Remove',
  'GatectlEdit',
  'Close',
]);

/** Who reads the bus reads everything, which no function of a gate gives; so that is nobody's by the way. */
const tracing: ReadonlySet<Role> = new Set(['tracer', 'admin']);

/** Where answers to operators in these roles pass. */
export const roleInboxes: readonly string[] = roles.map((role) => `${inboxPrefixOf(role)}.>`);

const tapped: readonly string[] = ['_INBOX.>', ...nodeSubjects, ...roleInboxes];

export interface NodePermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * What NATS has to let gates and modules publish and subscribe. Nodes answer callers, call each other and find each other;
 * with a store in JetStream they also write its bucket. Throws UsageError for a name that no bucket can have.
 */
export function permissionsOfNodes(bucket: string | undefined): NodePermissions {
  if (bucket !== undefined && !/^[A-Za-z0-9_-]{1,200}$/.test(bucket)) {
    throw new UsageError(`invalid bucket "${bucket}": expected letters, digits, "-" and "_"`);
  }
  const inboxes = defaultReplyInboxes.map((prefix) => `${prefix}.>`);
  return {
    publish: [
      ...inboxes,
      ...nodeSubjects,
      heartbeatSubject,
      '$SRV.INFO',
      '$SRV.INFO.>',
      ...bucketSubjects(bucket),
    ],
    subscribe: ['_INBOX.>', ...nodeSubjects, heartbeatSubject, '$SRV.>'],
  };
}

/** What `bus/key-value.ts` publishes to: nothing that removes a stream or purges it. */
function bucketSubjects(bucket: string | undefined): readonly string[] {
  if (bucket === undefined) return [];
  const verbs = ['STREAM.INFO', 'STREAM.CREATE', 'STREAM.UPDATE', 'STREAM.MSG.GET'];
  const requests = verbs.map((verb) => `$JS.API.${verb}.KV_${bucket}`);
  return [`$KV.${bucket}.>`, '$JS.API.INFO', ...requests];
}

/** The permissions of every role. */
export const permissionsOfRoles = (gateType: string): readonly RolePermissions[] =>
  roles.map((role) => permissionsOf(role, gateType));

/** The permissions of a role on gates of ours, which have a subject for each function. UsageError for a type that none has. */
function permissionsOf(role: Role, gateType: string): RolePermissions {
  if (!isNodeToken(gateType)) {
    throw new UsageError(
      `no gate of ours can be of type "${gateType}", and mqant's have one subject for all functions`,
    );
  }
  const inboxPrefix = inboxPrefixOf(role);
  const functions = (Object.keys(gateFunctions) as GateFunction[]).filter(
    (fn) => role === 'admin' || !gateFunctions[fn].write || (role === 'support' && supportWrites.has(fn)),
  );
  return {
    role,
    about: abouts[role],
    inboxPrefix,
    publish: ['$SRV.INFO', ...functions.map((fn) => `${nodeAddress('gate', `${gateType}@*`)}.${fn}`)],
    subscribe: tracing.has(role) ? tapped : [`${inboxPrefix}.>`],
  };
}
