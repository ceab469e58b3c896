import type {GateApi} from '../session/gate-api.js';
import type {StringBag} from '../session/session.js';
import {type Clock, goneWithin} from './act.js';
import type {TargetState} from './bulk.js';

/** What is done to each of many sessions. */
export type BulkAction =
  | {readonly verb: 'kick'; readonly waitMs: number}
  | {readonly verb: 'send'; readonly topic: string; readonly body: Uint8Array}
  | {readonly verb: 'unbind'}
  | {readonly verb: 'set'; readonly entries: StringBag}
  | {readonly verb: 'unset'; readonly keys: readonly string[]};

/** Does it to one, and says what the gate says is so afterwards. */
export async function actOn(
  gate: GateApi,
  id: string,
  action: BulkAction,
  clock: Clock,
): Promise<TargetState> {
  switch (action.verb) {
    case 'kick':
      await gate.close(id);
      return (await goneWithin(gate, id, action.waitMs, clock)) ? 'done' : 'pending';
    case 'send':
      await gate.send(id, action.topic, action.body);
      return 'done';
    case 'unbind':
      return (await gate.unbind(id)).userId === '' ? 'done' : 'pending';
    case 'set':
      return hasAll((await gate.push(id, action.entries)).settings, action.entries) ? 'done' : 'pending';
    case 'unset':
      for (const key of action.keys) await gate.remove(id, key);
      return 'done';
    default:
      return action satisfies never;
  }
}

const hasAll = (settings: StringBag, entries: StringBag): boolean =>
  Object.entries(entries).every(([key, value]) => Object.hasOwn(settings, key) && settings[key] === value);
