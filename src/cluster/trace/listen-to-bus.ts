import {PermissionError} from '../../base/errors.js';
import type {Bus, BusMessage} from '../../bus/bus.js';
import {gatectlNodeSubjects, isPublishableAddress} from '../../bus/node-address.js';
import type {ClusterNode} from '../../registry/registry.js';
import {roleInboxes} from '../access/permissions.js';

/** Returns the subjects of all calls and replies, plus `more`, without subjects that others cover. */
export function tappedSubjects(nodes: readonly ClusterNode[], more: readonly string[]): readonly string[] {
  const addresses = nodes.map(({address}) => address).filter(isPublishableAddress);
  return removeCoveredSubjects(['_INBOX.>', ...gatectlNodeSubjects, ...addresses, ...more, ...roleInboxes]);
}

interface BusListener {
  readonly hear: (message: BusMessage) => void;
  /** Called for an optional subject that NATS does not permit; its messages are not received. */
  readonly onOptionalDenied: (subject: string) => void;
  /** Called when a subscription is denied, possibly later: permissions can be revoked. */
  readonly onDenied: (error: PermissionError) => void;
}

/**
 * Subscribes to all subjects. Resolves once the server has confirmed them, with a function that unsubscribes. Rejects
 * with PermissionError.
 */
export async function listenToBus(
  bus: Bus,
  subjects: readonly string[],
  {hear, onOptionalDenied, onDenied}: BusListener,
): Promise<() => void> {
  const denied: string[] = [];
  const deny = (subject: string): void => {
    if (roleInboxes.includes(subject)) return onOptionalDenied(subject);
    denied.push(subject);
    onDenied(notPermitted(denied));
  };
  const subscriptions = subjects.map((subject) =>
    bus.subscribe(subject, hear, {onDenied: () => deny(subject)}),
  );
  await bus.flush(); // the server reports a denial before it answers the flush
  await new Promise((resolve) => setImmediate(resolve));
  if (denied.length > 0) throw notPermitted(denied);
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

function notPermitted(subjects: readonly string[]): PermissionError {
  const named = subjects.map((subject) => `"${subject}"`).join(', ');
  return new PermissionError(`NATS denies permission to listen to ${named}`, {
    hint: 'permissions of the tracer role: gatectl doctor --permissions',
  });
}

/** Returns true if every subject that matches `inner` also matches `outer`. Both may contain NATS wildcards. */
export function subjectCovers(outer: string, inner: string): boolean {
  const wide = outer.split('.');
  const narrow = inner.split('.');
  for (const [at, token] of wide.entries()) {
    const other = narrow[at];
    if (other === undefined) return false;
    if (token === '>') return true;
    if (other === '>' || (token !== '*' && token !== other)) return false;
  }
  return wide.length === narrow.length;
}

/** Removes subjects that others cover, because a message would arrive once for each. */
export function removeCoveredSubjects(subjects: readonly string[]): readonly string[] {
  const once = [...new Set(subjects)];
  return once.filter((subject) => !once.some((other) => other !== subject && subjectCovers(other, subject)));
}
