import {UsageError} from '../../base/errors.js';
import {gateFunctions} from '../../bus/gate/gate-functions.js';
import {gatectlNodeSubjects, isNodeToken, nodeAddress} from '../../bus/node-address.js';
import {
  defaultReplyInboxes,
  inboxPrefixOf,
  type OperatorRole,
  operatorRoles,
} from '../../bus/rpc/reply-inboxes.js';
import {heartbeatSubject} from '../../registry/nats/nats-presence.js';
import type {GateFunction} from '../../session/gate-api.js';

/** NATS subjects that a role must be allowed to publish and subscribe to. It needs no others. */
export interface RolePermissions {
  readonly role: OperatorRole;
  readonly about: string;
  /** Value for `--inbox-prefix`. Separate prefixes keep one role from reading another's replies. */
  readonly inboxPrefix: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const abouts: Readonly<Record<OperatorRole, string>> = {
  viewer: 'sees everything, changes nothing',
  tracer: 'also reads all bus traffic, including bodies and secrets (gatectl trace); changes nothing',
  support: 'also sends to clients, changes settings and kicks; no binds, no records',
  admin: 'everything',
};

/**
 * Write functions that the support role may call. Their effects end with the session, and a kicked client can
 * reconnect.
 */
const supportWrites: ReadonlySet<GateFunction> = new Set([
  'Send',
  'SendBatch',
  'GatectlDeliver',
  'Push',
  'Set',
  'Remove',
  'GatectlEdit',
  'Close',
]);

/** Roles that may read all bus traffic, which reveals more than any gate function. */
const tracing: ReadonlySet<OperatorRole> = new Set(['tracer', 'admin']);

/** Inbox subjects of all operator roles. */
export const roleInboxes: readonly string[] = operatorRoles.map((role) => `${inboxPrefixOf(role)}.>`);

const tapped: readonly string[] = ['_INBOX.>', ...gatectlNodeSubjects, ...roleInboxes];

export interface NodePermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * Returns the NATS subjects that gates and modules need to answer calls, call each other and discover each other.
 * With a JetStream store, includes the subjects of its bucket. Throws UsageError for an invalid bucket name.
 */
export function permissionsOfNodes(bucket: string | undefined): NodePermissions {
  if (bucket !== undefined && !/^[A-Za-z0-9_-]{1,200}$/.test(bucket)) {
    throw new UsageError(`invalid bucket "${bucket}": expected letters, digits, "-" and "_"`);
  }
  const inboxes = defaultReplyInboxes.map((prefix) => `${prefix}.>`);
  return {
    publish: [
      ...inboxes,
      ...gatectlNodeSubjects,
      heartbeatSubject,
      '$SRV.INFO',
      '$SRV.INFO.>',
      ...bucketSubjects(bucket),
    ],
    subscribe: ['_INBOX.>', ...gatectlNodeSubjects, heartbeatSubject, '$SRV.>'],
  };
}

/**
 * Returns the subjects that `bus/key-value.ts` and `bus/bucket-pages.ts` publish to. None of them deletes or purges a
 * stream.
 */
function bucketSubjects(bucket: string | undefined): readonly string[] {
  if (bucket === undefined) return [];
  const verbs = ['STREAM.INFO', 'STREAM.CREATE', 'STREAM.UPDATE', 'STREAM.MSG.GET', 'CONSUMER.CREATE'];
  const requests = verbs.map((verb) => `$JS.API.${verb}.KV_${bucket}`);
  return [`$KV.${bucket}.>`, '$JS.API.INFO', ...requests, `$JS.API.CONSUMER.MSG.NEXT.KV_${bucket}.*`];
}

export const permissionsOfRoles = (gateType: string): readonly RolePermissions[] =>
  operatorRoles.map((role) => permissionsOf(role, gateType));

/**
 * Returns the permissions of a role on gatectl gates of the given comma-separated types. These gates have one subject
 * per function. Throws UsageError for an invalid gate type.
 */
function permissionsOf(role: OperatorRole, gateType: string): RolePermissions {
  const types = gateType.split(',');
  const wrong = types.find((type) => !isNodeToken(type));
  if (wrong !== undefined) {
    throw new UsageError(
      `invalid gate type "${wrong}": no gatectl gate can have it, and mqant gates have one subject for all functions`,
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
    publish: [
      '$SRV.INFO',
      ...types.flatMap((type) => functions.map((fn) => `${nodeAddress('gate', `${type}@*`)}.${fn}`)),
    ],
    subscribe: tracing.has(role) ? tapped : [`${inboxPrefix}.>`],
  };
}
