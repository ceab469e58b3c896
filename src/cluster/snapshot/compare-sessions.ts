import {hash53} from '../anomalies/string-hash-set.js';
import type {LocatedRow} from '../result-types.js';
import {ListingComparison, type ListingSide, type RowComparator} from './listing-comparison.js';
import {type SettingChanges, settingChanges} from './setting-changes.js';
import {StringHashMap} from './string-hash-map.js';

/**
 * `moved` and `reconnected`: a user whose session ended has a new session, on another gate or on the same gate.
 * `rebound`: the same session has another uid.
 */
export const sessionChangeKinds = ['joined', 'left', 'moved', 'reconnected', 'rebound', 'settings'] as const;

type ChangeKind = (typeof sessionChangeKinds)[number];

/** A session in one of the two listings. */
export interface ComparedSession {
  readonly gate: string;
  readonly id: string;
  readonly uid: string;
}

export interface SessionChange {
  readonly kind: ChangeKind;
  readonly before: ComparedSession | undefined;
  readonly after: ComparedSession | undefined;
  /** Changed settings, if the session is in both listings. */
  readonly settings: SettingChanges;
}

export type SessionSide = ListingSide<LocatedRow>;

/** Compares the sessions of two listings. */
export class SessionComparison extends ListingComparison<
  LocatedRow,
  SessionChange,
  'sessionsBefore' | 'sessionsAfter'
> {
  /** Uids of sessions that ended. A uid is marked when a new session of that user is found. */
  private readonly leftUids = new StringHashMap();
  private readonly returned = new Map<string, ComparedSession>();

  constructor(old: SessionSide, fresh: SessionSide, most?: number) {
    const counts = {
      ...{joined: 0, left: 0, moved: 0, reconnected: 0, rebound: 0, settings: 0},
      ...{unknown: 0, sessionsBefore: 0, sessionsAfter: 0},
    };
    super(old, fresh, counts, traits, most);
  }

  protected async *all(): AsyncGenerator<SessionChange, void, undefined> {
    yield* this.readBoth('sessionsBefore', 'sessionsAfter');
    for await (const row of this.fresh.rows()) {
      const before = this.changed.get(row.session.sessionId);
      if (before !== undefined) yield changeOf(before, row);
      else if (!this.after.isMarked(row.session.sessionId)) yield* this.newcomer(row);
    }
    for await (const row of this.old.rows()) {
      if (this.after.get(row.session.sessionId) === undefined) yield* this.leaver(row);
    }
  }

  protected missing({node, session: {userId}}: LocatedRow): readonly SessionChange[] {
    if (userId !== '' && !this.fresh.incomplete.has(node)) this.leftUids.set(userId, 1);
    return []; // reported at the end, once it is known whether the user has a new session
  }

  private *newcomer(row: LocatedRow): Generator<SessionChange, void, undefined> {
    const {userId} = row.session;
    if (userId !== '' && this.returned.size < this.most && this.leftUids.mark(userId)) {
      this.returned.set(userId, sessionAt(row));
    } else if (this.old.incomplete.has(row.node)) this.counted.unknown += 1;
    else yield {kind: 'joined', before: undefined, after: sessionAt(row), settings: new Map()};
  }

  private *leaver(row: LocatedRow): Generator<SessionChange, void, undefined> {
    const {userId} = row.session;
    const after = this.returned.get(userId);
    if (this.fresh.incomplete.has(row.node)) this.counted.unknown += 1;
    else if (after === undefined)
      yield {kind: 'left', before: sessionAt(row), after: undefined, settings: new Map()};
    else {
      this.returned.delete(userId);
      const kind = after.gate === row.node ? 'reconnected' : 'moved';
      yield {kind, before: sessionAt(row), after, settings: new Map()};
    }
  }
}

const sessionAt = ({node, session}: LocatedRow): ComparedSession => ({
  gate: node,
  id: session.sessionId,
  uid: session.userId,
});

function contentOf({node, session}: LocatedRow): number {
  const settings = Object.entries(session.settings).sort(([left], [right]) => (left < right ? -1 : 1));
  return hash53(JSON.stringify([node, session.userId, settings]));
}

function changeOf(before: LocatedRow, after: LocatedRow): SessionChange {
  const kind =
    before.node !== after.node
      ? 'moved'
      : before.session.userId === after.session.userId
        ? 'settings'
        : 'rebound';
  return {
    kind,
    before: sessionAt(before),
    after: sessionAt(after),
    settings: settingChanges(before.session.settings, after.session.settings),
  };
}

const traits: RowComparator<LocatedRow, SessionChange> = {
  keyOf: ({session}) => session.sessionId,
  contentOf,
  changeOf,
};
