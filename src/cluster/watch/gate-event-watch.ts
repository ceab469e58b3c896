import {errorMessage} from '../../base/error-details.js';
import {CallError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {Selector} from '../../selector/selector.js';
import type {decodeEventPage} from '../../session/codec/event-page.js';
import type {GateApi} from '../../session/gate-api.js';
import {callFailureReasonOf} from '../read/gather.js';
import type {ClusterEvent} from './cluster-event.js';
import {EventFilter} from './event-filter.js';

interface GateWatchOptions {
  readonly node: ClusterNode;
  readonly gate: GateApi;
  /** Subject of this gate's events. */
  readonly inbox: string;
  readonly where: Selector | undefined;
  readonly put: (event: ClusterEvent) => void;
  /** Delay before the first call. */
  readonly settlingMs: number;
  readonly now: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const leaseMs = 15_000;
/** Interval of lease renewal, which also detects lost events at the end of the feed. */
const renewMs = 3000;
const retryMs = 500;

/** Receives the events of one gate. The feed is leased, its events are numbered, and it is resumed after a loss. */
export class GateEventWatch {
  readonly node: ClusterNode;
  private readonly stopping = new AbortController();
  private alarm = new AbortController();
  /** Id of the current feed; 0 before the first lease. */
  private feed = 0;
  /** Expected number of the next event. */
  private next = 1;
  private state: 'new' | 'watching' | 'silent' = 'new';
  /** Set if the gate can't filter itself. */
  private filter: EventFilter | undefined;

  constructor(private readonly options: GateWatchOptions) {
    this.node = options.node;
  }

  /** Runs until the watch is stopped. Resolves early if the gate does not support events. */
  async run(): Promise<void> {
    const {signal} = this.stopping;
    if (this.options.settlingMs > 0) await this.sleep(this.options.settlingMs);
    while (!signal.aborted) {
      try {
        await this.renew();
        await this.sleep(renewMs);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof CallError && error.reason === 'unsupported') {
          this.report('unsupported', `${error.message}: its events cannot be watched`);
          return;
        }
        this.isLost(error);
        await this.sleep(retryMs);
      }
    }
  }

  renewNow(): void {
    this.alarm.abort();
  }

  stop(): void {
    this.stopping.abort();
    this.alarm.abort();
  }

  /** Ends the watch. Reports a gap if the gate or the bus is unreachable. */
  end(isBusConnected: boolean): void {
    if (this.state === 'silent') this.gap(undefined, 'the gate was silent when the watch ended');
    else if (!isBusConnected) this.gap(undefined, 'the bus connection was lost when the watch ended');
  }

  /** Handles a page of events in order. Reports a gap first if event numbers are missing. */
  hear(page: ReturnType<typeof decodeEventPage>): void {
    if (this.stopping.signal.aborted) return;
    if (page.feed !== this.feed) this.switchTo(page.feed);
    if (page.first > this.next) this.gap(page.first - this.next, 'events were lost on the way');
    this.next = Math.max(this.next, page.first + page.count);
    for (const event of page.events)
      if (this.filter?.takes(event) ?? true) this.options.put({type: 'event', node: this.node.id, event});
  }

  private async renew(): Promise<void> {
    const {gate, inbox, where} = this.options;
    const lease = await gate.watch({inbox, leaseMs, where: where?.text});
    if (where !== undefined && lease.filtered !== true) this.filter ??= new EventFilter(where, this.node.id);
    if (lease.feed !== this.feed) this.switchTo(lease.feed);
    else if (lease.next > this.next) this.gap(lease.next - this.next, 'events were lost on the way');
    this.next = Math.max(this.next, lease.next);
    if (this.state !== 'watching') this.report('watching', '');
    this.state = 'watching';
  }

  /** Switches to a new feed. Events between the old and the new feed are lost. */
  private switchTo(feed: number): void {
    if (this.feed !== 0) this.gap(undefined, 'the gate expired the feed or restarted');
    this.feed = feed;
    this.next = 1;
  }

  private isLost(error: unknown): void {
    if (callFailureReasonOf(error) === undefined && this.state === 'silent') return;
    if (this.state !== 'silent') this.report('silent', errorMessage(error));
    this.state = 'silent';
  }

  private gap(lost: number | undefined, why: string): void {
    const at = this.options.now();
    this.options.put({type: 'gap', node: this.node.id, at, ...(lost === undefined ? {} : {lost}), why});
  }

  private report(state: 'watching' | 'silent' | 'unsupported', message: string): void {
    this.options.put({type: 'gate', node: this.node.id, at: this.options.now(), state, message});
  }

  /**
   * Waits until the time is over or `alarm` aborts. A signal combined with `stopping` would leak a listener on it.
   */
  private async sleep(ms: number): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.alarm = new AbortController();
    await this.options.wait(ms, this.alarm.signal);
  }
}
