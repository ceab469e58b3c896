import type {SessionEvent} from '../../session/codec/event-page.js';

/** What a watch hears. Times are Unix milliseconds: of an event by its gate's clock, else by ours. */
export type ClusterEvent =
  | {readonly type: 'event'; readonly node: string; readonly event: SessionEvent}
  /** Something was missed: what is known of that gate is stale. `lost` where it can be told. */
  | {
      readonly type: 'gap';
      readonly node: string;
      readonly at: number;
      readonly lost?: number;
      readonly why: string;
    }
  | {
      readonly type: 'gate';
      readonly node: string;
      readonly at: number;
      readonly state: 'watching' | 'silent' | 'unsupported' | 'gone';
      readonly message: string;
    };
