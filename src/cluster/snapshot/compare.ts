import {hashOf} from '../anomalies/seen-texts.js';
import type {LocatedRow} from '../cluster.js';
import {RowTable} from './row-table.js';
import {type SettingChanges, settingChanges} from './setting-changes.js';

/**
 * `moved` and `reconnected`: a user whose session ended has a new one, on another gate or on the same. `rebound`: the same
 * session under another uid.
 */
export const changeKinds = ['joined', 'left', 'moved', 'reconnected', 'rebound', 'settings'] as const;

export type ChangeKind = (typeof changeKinds)[number];

/** A session at one of the two times. */
export interface SessionAtSnapshot {
  readonly gate: string;
  readonly id: string;
  readonly uid: string;
}

export interface SessionChange {
  readonly kind: ChangeKind;
  readonly before: SessionAtSnapshot | undefined;
  readonly after: SessionAtSnapshot | undefined;
  /** Of a session that is in both. */
  readonly settings: SettingChanges;
}

/** One side of a comparison, read as often as it is needed. */
export interface ComparisonSide {
  readonly rows: () => AsyncIterable<LocatedRow>;
  /** Gates whose sessions are not all in it. */
  readonly incomplete: ReadonlySet<string>;
}

export type ChangeCounts = Readonly<
  Record<ChangeKind | 'unknown' | 'sessionsBefore' | 'sessionsAfter', number>
>;

/** Whole rows that are held at a time; what changes more is read in rounds. */
const mostHeld = 100_000;

/**
 * What happened to sessions between two listings. Memory is bounded: both sides are read twice or more, and of each session
 * only a hash is kept. `unknown` counts those of gates that one side did not hear of wholly: they may have been there.
 */
export class Comparison {
  private readonly after = new RowTable();
  /** Uids of sessions that ended; marked once a new session of the uid was found. */
  private readonly leftUids = new RowTable();
  private readonly returned = new Map<string, SessionAtSnapshot>();
  private changed = new Map<string, LocatedRow>();
  private readonly counted: Record<keyof ChangeCounts, number> = {
    ...{joined: 0, left: 0, moved: 0, reconnected: 0, rebound: 0, settings: 0},
    ...{unknown: 0, sessionsBefore: 0, sessionsAfter: 0},
  };

  constructor(
    private readonly old: ComparisonSide,
    private readonly fresh: ComparisonSide,
    private readonly most = mostHeld,
  ) {}

  /** Right once the changes have been read to their end. */
  get counts(): ChangeCounts {
    return this.counted;
  }

  async *changes(): AsyncGenerator<SessionChange, void, undefined> {
    for await (const change of this.all()) {
      this.counted[change.kind] += 1;
      yield change;
    }
  }

  private async *all(): AsyncGenerator<SessionChange, void, undefined> {
    for await (const row of this.fresh.rows()) {
      this.counted.sessionsAfter += 1;
      this.after.set(row.session.sessionId, contentOf(row));
    }
    for await (const row of this.old.rows()) {
      this.counted.sessionsBefore += 1;
      this.seeBefore(row);
      if (this.changed.size >= this.most) yield* this.changedRows();
    }
    for await (const row of this.fresh.rows()) {
      const before = this.changed.get(row.session.sessionId);
      if (before !== undefined) yield changeOf(before, row);
      else if (!this.after.isMarked(row.session.sessionId)) yield* this.newcomer(row);
    }
    for await (const row of this.old.rows()) {
      if (this.after.get(row.session.sessionId) === undefined) yield* this.leaver(row);
    }
  }

  private seeBefore(row: LocatedRow): void {
    const {sessionId, userId} = row.session;
    const content = this.after.get(sessionId);
    if (content === undefined) {
      if (userId !== '' && !this.fresh.incomplete.has(row.node)) this.leftUids.set(userId, 1);
      return;
    }
    this.after.mark(sessionId);
    if (content !== contentOf(row)) this.changed.set(sessionId, row);
  }

  /** A round for the sessions that are held. */
  private async *changedRows(): AsyncGenerator<SessionChange, void, undefined> {
    const held = this.changed;
    this.changed = new Map();
    for await (const row of this.fresh.rows()) {
      const before = held.get(row.session.sessionId);
      if (before !== undefined) yield changeOf(before, row);
    }
  }

  private *newcomer(row: LocatedRow): Generator<SessionChange, void, undefined> {
    const {userId} = row.session;
    if (userId !== '' && this.returned.size < this.most && this.leftUids.mark(userId)) {
      this.returned.set(userId, thenOf(row));
    } else if (this.old.incomplete.has(row.node)) this.counted.unknown += 1;
    else yield {kind: 'joined', before: undefined, after: thenOf(row), settings: new Map()};
  }

  private *leaver(row: LocatedRow): Generator<SessionChange, void, undefined> {
    const {userId} = row.session;
    const after = this.returned.get(userId);
    if (this.fresh.incomplete.has(row.node)) this.counted.unknown += 1;
    else if (after === undefined)
      yield {kind: 'left', before: thenOf(row), after: undefined, settings: new Map()};
    else {
      this.returned.delete(userId);
      const kind = after.gate === row.node ? 'reconnected' : 'moved';
      yield {kind, before: thenOf(row), after, settings: new Map()};
    }
  }
}

const thenOf = ({node, session}: LocatedRow): SessionAtSnapshot => ({
  gate: node,
  id: session.sessionId,
  uid: session.userId,
});

function contentOf({node, session}: LocatedRow): number {
  const settings = Object.entries(session.settings).sort(([left], [right]) => (left < right ? -1 : 1));
  return hashOf(JSON.stringify([node, session.userId, settings]));
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
    before: thenOf(before),
    after: thenOf(after),
    settings: settingChanges(before.session.settings, after.session.settings),
  };
}
