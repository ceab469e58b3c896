import type {SessionEvent} from '../../session/codec/event-page.js';
import type {RowSource} from '../answers.js';

/**
 * Events of a watch. Times are Unix milliseconds: by the gate's clock for its events, else by the local
 * clock.
 */
export type ClusterEvent =
  | {
      readonly type: 'event';
      readonly node: string;
      readonly event: SessionEvent;
      /** How the change was noticed on a gate that cannot watch; absent for an event of the gate. */
      readonly source?: RowSource | undefined;
    }
  /** Events of the gate were lost, so its known state is stale. `lost` is their number if it is known. */
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
