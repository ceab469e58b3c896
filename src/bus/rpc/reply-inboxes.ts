import {UsageError} from '../../base/errors.js';
import {isAddress} from '../address.js';

/** What an operator may do; `gatectl doctor --permissions` prints a NATS user for each. */
export const roles = ['viewer', 'tracer', 'support', 'admin'] as const;

export type Role = (typeof roles)[number];

/** Every role has an inbox prefix of its own, so that no role can listen to the answers of another. */
export const inboxPrefixOf = (role: Role): string => `_INBOX_${role}`;

/** nats.go, and so every mqant node, takes its inboxes from the first. */
export const defaultReplyInboxes: readonly string[] = ['_INBOX', ...roles.map(inboxPrefixOf)];

const mostPrefixes = 32;

/** Throws UsageError for a list that would let callers reach more than inboxes. */
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
        hint: 'leave out the trailing ".>"; subjects of NATS ("$…") and of the nodes ("mqant.…") are never inboxes',
      },
    );
  }
  return prefixes;
}

/** Whether a subject lies under one of the prefixes: at least one token more, compared token by token. */
export function isUnderInbox(subject: string, prefixes: readonly string[]): boolean {
  return isAddress(subject) && prefixes.some((prefix) => subject.startsWith(`${prefix}.`));
}

/** What to do when gates stay silent to callers under a prefix; undefined for a prefix that they answer unless told otherwise. */
export function hintForInboxPrefix(prefix: string | undefined): string | undefined {
  if (prefix === undefined || isUnderInbox(`${prefix}.x`, defaultReplyInboxes)) return undefined;
  const list = [...defaultReplyInboxes, prefix].join(',');
  return `gates answer under "${prefix}" only with: gatectl gate run --reply-inboxes ${list}`;
}

export interface ReplyInboxesOptions {
  /** Prefixes that callers may name subjects under, instead of the default ones. */
  readonly prefixes?: readonly string[] | undefined;
  readonly log?: ((line: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

/** A caller can make a node refuse thousands of times a second; a line of the log this often says how many. */
const logEveryMs = 10_000;
const shownCharacters = 80;

/**
 * Decides whether a node answers on a subject that a caller named. A node may publish more than its callers, so a subject
 * outside the inboxes would let a caller write to streams, buckets and other nodes in the node's name.
 */
export class ReplyInboxes {
  readonly prefixes: readonly string[];
  /** Refusals since the start. */
  refused = 0;
  private unlogged = 0;
  private loggedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ReplyInboxesOptions = {}) {
    this.prefixes = checkReplyInboxes(options.prefixes ?? defaultReplyInboxes);
  }

  /** Counts and logs a refusal; `what` was asked for, for the log. */
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

/** A caller chose the text: nothing but visible ASCII of it reaches a log. */
function printable(text: string): string {
  const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  return shown.replace(/[^ -~…]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
