import {isNodeToken, nodeAddress, nodeSubjects} from '../bus/address.js';
import {gateFunctions} from '../bus/gate-functions.js';
import {UsageError} from '../errors.js';
import type {GateFunction} from '../session/gate-api.js';

/** What an operator may do. */
export type Role = 'viewer' | 'tracer' | 'support' | 'admin';

export const roles: readonly Role[] = ['viewer', 'tracer', 'support', 'admin'];

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

const inboxPrefixOf = (role: Role): string => `_INBOX_${role}`;

/** Where answers to operators in these roles pass. */
export const roleInboxes: readonly string[] = roles.map((role) => `${inboxPrefixOf(role)}.>`);

const tapped: readonly string[] = ['_INBOX.>', ...nodeSubjects, ...roleInboxes];

/** The permissions of a role on gates of ours, which have a subject for each function. UsageError for a type that none has. */
export function permissionsOf(role: Role, gateType: string): RolePermissions {
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
