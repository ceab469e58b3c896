import {errorMessage} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import type {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import type {Selector} from '../../selector/selector.js';
import {type EncodedSessionEvent, type EventKind, encodeEventPage} from '../../session/codec/event-page.js';
import type {WatchLease} from '../../session/gate-api.js';
import type {Session, SessionRow} from '../../session/session.js';
import type {LiveSession} from './live-session.js';

interface EventFeedsOptions {
  readonly nodeId: string;
  readonly publish: (subject: string, bytes: Uint8Array) => void;
  /** Decides which inboxes may receive events. */
  readonly replies: ReplyInboxes;
  /** Maximum size of an event page in bytes: half of the server's max_payload. */
  readonly limitBytes: number;
  readonly now: () => number;
  /** How long events are collected before they are sent, in milliseconds. */
  readonly batchMs?: number | undefined;
  readonly log: (line: string) => void;
}

/** A change to a session. */
interface FeedChange {
  readonly kind: EventKind;
  /** State before the change. */
  readonly before?: Session | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly why?: string | undefined;
}

interface Feed {
  readonly inbox: string;
  readonly id: number;
  readonly selector: Selector | undefined;
  expiresAt: number;
  /** Number of the next event. */
  next: number;
  /** Events that have not been sent yet. */
  waiting: EncodedSessionEvent[];
  waitingBytes: number;
}

const maxFeeds = 100;
const defaultBatchMs = 100;

/** Sends the gate's session events to watchers. Without watchers, an event costs one comparison. */
export class EventFeeds {
  private readonly feeds = new Map<string, Feed>();
  private timer: NodeJS.Timeout | undefined;
  private lastId = 0;

  constructor(private readonly options: EventFeedsOptions) {}

  /**
   * Starts a feed of events to an inbox, or renews its lease. Throws UsageError if the subject is not an allowed
   * inbox, or if there are too many watchers.
   */
  watch(inbox: string, leaseMs: number, selector: Selector | undefined): WatchLease {
    if (!this.options.replies.allows(inbox, 'GatectlWatch'))
      throw new UsageError(`invalid inbox "${inbox.slice(0, 80)}"`);
    this.forgetExpired();
    this.flush();
    const now = this.options.now();
    const granted = Math.min(Math.max(leaseMs, 1000), 60_000);
    const known = this.feeds.get(inbox);
    const feed =
      known?.selector?.text === selector?.text && known !== undefined ? known : this.start(inbox, selector);
    feed.expiresAt = now + granted;
    const filtered = selector === undefined ? {} : {filtered: true};
    return {feed: feed.id, next: feed.next, leaseMs: granted, now, ...filtered};
  }

  emit(live: LiveSession, {kind, before, keys = [], why = ''}: FeedChange): void {
    if (this.feeds.size === 0) return;
    const at = this.options.now();
    const about = {kind, at, uidBefore: before?.userId ?? '', keys, why};
    const event = {...rowOf(live), ...about, session: live.encoded};
    for (const feed of this.feeds.values()) if (this.wants(feed, live, before, at)) this.add(feed, event);
  }

  /** Sends collected events and ends all feeds. */
  stop(): void {
    this.flush();
    this.feeds.clear();
  }

  private start(inbox: string, selector: Selector | undefined): Feed {
    if (this.feeds.size >= maxFeeds)
      throw new UsageError(`too many watchers: the gate already has ${maxFeeds}`);
    // starts at the current time, so that ids differ from those before a restart
    this.lastId = Math.max(this.lastId + 1, this.options.now());
    const feed = {inbox, id: this.lastId, selector, expiresAt: 0, next: 1, waiting: [], waitingBytes: 0};
    this.feeds.set(inbox, feed);
    return feed;
  }

  private wants({selector}: Feed, live: LiveSession, before: Session | undefined, at: number): boolean {
    const matches = (row: SessionRow): boolean => selector?.matches(row, this.options.nodeId, at) ?? true;
    return matches(live) || (before !== undefined && matches({...rowOf(live), session: before}));
  }

  private add(feed: Feed, event: EncodedSessionEvent): void {
    const size = event.session.length + 64 + event.why.length + event.keys.join('').length * 3;
    if (feed.waitingBytes + size > this.options.limitBytes) this.send(feed);
    feed.waiting.push(event);
    feed.waitingBytes += size;
    this.timer ??= setTimeout(() => this.flush(), this.options.batchMs ?? defaultBatchMs).unref();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.forgetExpired();
    for (const feed of this.feeds.values()) this.send(feed);
  }

  /**
   * Sends the collected events of a feed. If that fails they are lost; the watcher notices the gap in the numbers.
   */
  private send(feed: Feed): void {
    if (feed.waiting.length === 0) return;
    const {waiting, id, next: first} = feed;
    feed.next += waiting.length;
    feed.waiting = [];
    feed.waitingBytes = 0;
    try {
      this.options.publish(feed.inbox, encodeEventPage(waiting, {first, feed: id}));
    } catch (error) {
      this.options.log(`events for ${feed.inbox}: ${errorMessage(error)}`);
    }
  }

  private forgetExpired(): void {
    const now = this.options.now();
    for (const [inbox, {expiresAt}] of this.feeds) if (expiresAt <= now) this.feeds.delete(inbox);
  }
}

function rowOf({session, connectedAt, lastActiveAt, received, sent}: LiveSession): SessionRow {
  return {session, connectedAt, lastActiveAt, received, sent};
}
