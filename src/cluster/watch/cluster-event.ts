import type {SessionEvent} from '../../session/codec/event-page.js';
import type {RowSource} from '../result-types.js';

/**
 * Events of a watch. Times are Unix milliseconds, by the gate's clock for the gate's own events, otherwise by the
 * local clock.
 */
export type ClusterEvent =
  | {
      readonly type: 'event';
      readonly node: string;
      readonly event: SessionEvent;
      /** How a change on a gate that cannot watch was noticed; undefined for events from the gate. */
      readonly source?: RowSource | undefined;
    }
  /** Events of the gate were lost, so what is known about it is stale. `lost` is their number, if known. */
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
