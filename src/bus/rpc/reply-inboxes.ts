import {UsageError} from '../../base/errors.js';
import {isPublishableAddress} from '../node-address.js';

/** Operator roles; `gatectl doctor --permissions` prints a NATS user for each. */
export const operatorRoles = ['viewer', 'tracer', 'support', 'admin'] as const;

export type OperatorRole = (typeof operatorRoles)[number];

/** Returns the inbox prefix of a role. Each role has its own, so that no role can read another's replies. */
export const inboxPrefixOf = (role: OperatorRole): string => `_INBOX_${role}`;

/** nats.go, and therefore every mqant node, uses `_INBOX`. */
export const defaultReplyInboxes: readonly string[] = ['_INBOX', ...operatorRoles.map(inboxPrefixOf)];

const maxPrefixes = 32;

/** Returns the prefixes. Throws UsageError if one covers more than inboxes. */
export function checkReplyInboxes(prefixes: readonly string[]): readonly string[] {
  if (prefixes.length === 0 || prefixes.length > maxPrefixes) {
    throw new UsageError(
      `invalid reply inboxes: expected 1 to ${maxPrefixes} prefixes, got ${prefixes.length}`,
      {
        hint: `the default is ${defaultReplyInboxes.join(',')}`,
      },
    );
  }
  for (const prefix of prefixes) {
    if (isPublishableAddress(prefix) && !/^(?:\$|mqant(?:\.|$))/.test(prefix)) continue;
    throw new UsageError(
      `invalid reply inbox "${printable(prefix)}": expected a subject prefix such as _INBOX`,
      {
        hint: 'leave out the trailing ".>"; NATS subjects ("$…") and node subjects ("mqant.…") are never inboxes',
      },
    );
  }
  return prefixes;
}

/** Returns true if a subject is below one of the prefixes, that is, has at least one more token. */
export function isUnderInbox(subject: string, prefixes: readonly string[]): boolean {
  return isPublishableAddress(subject) && prefixes.some((prefix) => subject.startsWith(`${prefix}.`));
}

/**
 * Returns a hint for callers whose inbox prefix gates don't reply to; undefined for prefixes that are allowed by
 * default.
 */
export function hintForInboxPrefix(prefix: string | undefined): string | undefined {
  if (prefix === undefined || isUnderInbox(`${prefix}.x`, defaultReplyInboxes)) return undefined;
  const list = [...defaultReplyInboxes, prefix].join(',');
  return `gates answer under "${prefix}" only with: gatectl gate run --reply-inboxes ${list}`;
}

interface ReplyInboxesOptions {
  /** Allowed inbox prefixes, instead of the defaults. */
  readonly prefixes?: readonly string[] | undefined;
  readonly log?: ((line: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

/**
 * Minimum interval between log lines: a caller can cause thousands of refusals a second. Each line has the number of
 * refusals.
 */
const logEveryMs = 10_000;
const maxShownCharacters = 80;

/**
 * Decides whether a node may reply to a subject that a caller chose. A node may have more NATS permissions than its
 * callers, so a reply outside the inboxes would let a caller write to streams, buckets and other nodes.
 */
export class ReplyInboxes {
  readonly prefixes: readonly string[];
  /** Number of refusals since the node started. */
  refused = 0;
  private unlogged = 0;
  private loggedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ReplyInboxesOptions = {}) {
    this.prefixes = checkReplyInboxes(options.prefixes ?? defaultReplyInboxes);
  }

  /**
   * Returns true if a reply is allowed; otherwise counts and logs the refusal. `what` describes the request in the
   * log.
   */
  allows(subject: string, what: string): boolean {
    if (isUnderInbox(subject, this.prefixes)) return true;
    this.refused += 1;
    this.unlogged += 1;
    const now = this.options.now?.() ?? Date.now();
    if (now - this.loggedAt >= logEveryMs || now < this.loggedAt) {
      const more = this.unlogged > 1 ? `; ${this.unlogged - 1} more since the last log line` : '';
      this.options.log?.(
        `refused to answer ${printable(what)} on "${printable(subject)}": not under ${this.prefixes.join(', ')}${more}`,
      );
      this.unlogged = 0;
      this.loggedAt = now;
    }
    return false;
  }
}

/** Escapes everything but visible ASCII, because the caller chose the string. */
function printable(text: string): string {
  const shown = text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
  return shown.replace(/[^ -~…]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
