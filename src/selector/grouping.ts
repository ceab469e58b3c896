import {closestMatch} from '../base/closest-match.js';
import {MistypedValueError, UsageError} from '../base/errors.js';
import type {GroupCount} from '../session/gate-api.js';
import {cidrBlock, clientAddressOfSession} from '../session/ip-address.js';
import type {SessionRow} from '../session/session.js';
import {fieldByLogName} from './selector-fields.js';

/** What sessions are grouped by. `keyOf` returns undefined if a session lacks the setting. */
export interface Grouping {
  /** As typed. */
  readonly text: string;
  readonly keyOf: (row: SessionRow, node: string) => string | undefined;
}

/** Grouping by gate version. The caller computes it, because gates don't have it. */
export const versionGrouping = 'version';

const groupings: Readonly<Record<string, Grouping['keyOf']>> = {
  [versionGrouping]: () => undefined,
  gate: (_, node) => node,
  network: ({session}) => session.network,
  uid: ({session}) => session.userId,
  guest: ({session}) => String(session.userId === ''),
  ip: ({session}) => clientAddressOfSession(session.ip, session.network),
};

/** Names of the groupings, except `ip/<bits>` and `settings.<key>`. */
export const groupingNames: readonly string[] = Object.keys(groupings);

/** Parses a grouping. Throws a UsageError that lists the valid ones. */
export function parseGrouping(text: string): Grouping {
  const setting = /^settings?[.:](.+)$/s.exec(text)?.[1];
  if (setting !== undefined) return {text, keyOf: ({session}) => session.settings[setting]};
  const bits = /^ip\/(\d{1,3})$/.exec(text)?.[1];
  if (bits !== undefined && Number(bits) <= 128) {
    return {
      text,
      keyOf: ({session}) => cidrBlock(clientAddressOfSession(session.ip, session.network), Number(bits)),
    };
  }
  const keyOf = Object.hasOwn(groupings, text) ? groupings[text] : undefined;
  if (keyOf !== undefined) return {text, keyOf};
  const meant = fieldByLogName(text) ?? (/^[A-Za-z_]\w*$/.test(text) ? `settings.${text}` : undefined);
  if (meant !== undefined && !isSimilar(text))
    throw new MistypedValueError(`cannot group by "${text}"`, {flag: '--by', typed: text, meant});
  throw new UsageError(`cannot group by "${text}"`, {
    hint: `group by ${Object.keys(groupings).join(', ')}, ip/24 or settings.<key>`,
  });
}

/** Whether a text is a mistyped name of a grouping rather than a setting. */
const isSimilar = (text: string): boolean => closestMatch(text, groupingNames, 1) !== undefined;

/** Limits memory: more groups than this would be an index of the sessions rather than a count. */
export const maxGroups = 100_000;

/** Adds up counts per group. Throws UsageError if there are more than `maxGroups`. */
export class GroupTally {
  private readonly groups = new Map<string | null, {sessions: number; bound: number}>();

  constructor(private readonly text: string) {}

  get size(): number {
    return this.groups.size;
  }

  add(key: string | null, sessions: number, bound: number): void {
    const group = this.groups.get(key);
    if (group !== undefined) {
      group.sessions += sessions;
      group.bound += bound;
      return;
    }
    this.groups.set(key, {sessions, bound});
    if (this.groups.size > maxGroups)
      throw new UsageError(`too many groups: ${this.text} has more than ${maxGroups} values`, {
        hint: 'narrow the selection with --where',
      });
  }

  /** Returns the groups, largest first. */
  sorted(): readonly GroupCount[] {
    return [...this.groups]
      .map(([key, group]) => ({key, ...group}))
      .sort(
        (left, right) => right.sessions - left.sessions || ((left.key ?? '') < (right.key ?? '') ? -1 : 1),
      );
  }
}
