import {UsageError} from '../../base/errors.js';
import {isAddress} from '../address.js';

/** Operator roles; `gatectl doctor --permissions` prints a NATS user for each. */
export const roles = ['viewer', 'tracer', 'support', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Each role has its own inbox prefix, so that no role can read another's replies. */
export const inboxPrefixOf = (role: Role): string => `_INBOX_${role}`;

/** nats.go, and therefore every mqant node, uses the first. */
export const defaultReplyInboxes: readonly string[] = ['_INBOX', ...roles.map(inboxPrefixOf)];

const mostPrefixes = 32;

/** Throws UsageError for prefixes that cover more than inboxes. */
export function checkReplyInboxes(prefixes: readonly string[]): readonly string[] {
  if (prefixes.length === 0 || prefixes.length > mostPrefixes) {
    throw new UsageError(
      `invalid reply inboxes: expected 1 to ${mostPrefixes} prefixes, got ${prefixes.length}`,
      {
        hint: `the default is ${defaultReplyInboxes.join(',')}`,
      },
    );
  }
  for (const prefix of prefixes) {
    if (isAddress(prefix) && !/^(?:\$|mqant(?:\.|$))/.test(prefix)) continue;
    throw new UsageError(
      `invalid reply inbox "${printable(prefix)}": expected a subject prefix such as _INBOX`,
      {
        hint: 'leave out the trailing ".>"; NATS subjects ("$…") and node subjects ("mqant.…") are never inboxes',
      },
    );
  }
  return prefixes;
}

/** Reports whether a subject has at least one token more than one of the prefixes, compared by whole tokens. */
export function isUnderInbox(subject: string, prefixes: readonly string[]): boolean {
  return isAddress(subject) && prefixes.some((prefix) => subject.startsWith(`${prefix}.`));
}

/** Returns a hint for callers whose inbox prefix gates don't answer; undefined for prefixes that are allowed by default. */
export function hintForInboxPrefix(prefix: string | undefined): string | undefined {
  if (prefix === undefined || isUnderInbox(`${prefix}.x`, defaultReplyInboxes)) return undefined;
  const list = [...defaultReplyInboxes, prefix].join(',');
  return `gates answer under "${prefix}" only with: gatectl gate run --reply-inboxes ${list}`;
}

interface ReplyInboxesOptions {
  /** Allowed inbox prefixes, replacing the defaults. */
  readonly prefixes?: readonly string[] | undefined;
  readonly log?: ((line: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

/** A caller can cause thousands of refusals a second; they are logged at most this often, with their number. */
const logEveryMs = 10_000;
const shownCharacters = 80;

/**
 * Decides whether a node replies to a subject that a caller chose. A node may publish more than its callers, so a reply
 * outside the inboxes would let a caller write to streams, buckets and other nodes with the node's rights.
 */
export class ReplyInboxes {
  readonly prefixes: readonly string[];
  /** Number of refusals since the start. */
  refused = 0;
  private unlogged = 0;
  private loggedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ReplyInboxesOptions = {}) {
    this.prefixes = checkReplyInboxes(options.prefixes ?? defaultReplyInboxes);
  }

  /** Counts and logs a refusal; `what` describes the request in the log. */
  allows(subject: string, what: string): boolean {
    if (isUnderInbox(subject, this.prefixes)) return true;
    this.refused += 1;
    this.unlogged += 1;
    const now = this.options.now?.() ?? Date.now();
    if (now - this.loggedAt >= logEveryMs || now < this.loggedAt) {
      const more = this.unlogged > 1 ? `; ${this.unlogged - 1} more since the last such line` : '';
      this.options.log?.(
        `refused to answer ${printable(what)} on "${printable(subject)}": not under ${this.prefixes.join(', ')}${more}`,
      );
      this.unlogged = 0;
      this.loggedAt = now;
    }
    return false;
  }
}

/** The caller chose the text, so only visible ASCII reaches the log. */
function printable(text: string): string {
  const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  return shown.replace(/[^ -~…]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
