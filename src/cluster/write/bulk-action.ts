import {NoSessionError} from '../../base/errors.js';
import type {GateApi} from '../../session/gate-api.js';
import type {StringBag} from '../../session/session.js';
import {type Target, type TargetResult, targetResultOfError} from './bulk.js';
import {type Clock, isGoneWithin} from './session-writes.js';
import type {Template} from './template.js';

/** What is done to each of many sessions. */
export type BulkAction =
  | {readonly verb: 'kick'; readonly waitMs: number}
  | {readonly verb: 'send'; readonly topic: string; readonly body: Uint8Array | Template}
  | {readonly verb: 'unbind'}
  | {readonly verb: 'set'; readonly entries: StringBag}
  | {readonly verb: 'unset'; readonly keys: readonly string[]}
  /** Writes nothing: `done` is as it was selected, `pending` is another user's now. */
  | {readonly verb: 'check'};

/** Ids of one SendBatch at most: text of a few kilobytes. */
const mostInBatch = 100;

/** How many targets go in one call at that pace: never more than a tenth of a second's worth. */
export function batchSize(action: BulkAction, rate: number): number {
  if (action.verb !== 'send' || !(action.body instanceof Uint8Array)) return 1;
  return rate === 0 ? mostInBatch : Math.max(1, Math.min(mostInBatch, Math.floor(rate / 10)));
}

/** Does it to some of one gate, and says what the gate says is so afterwards. */
export async function applyBulkAction(
  gate: GateApi,
  targets: readonly Target[],
  action: BulkAction,
  clock: Clock,
): Promise<readonly TargetResult[]> {
  const isList = targets.length > 1 && !targets.some(({id}) => id.includes(','));
  if (action.verb === 'send' && action.body instanceof Uint8Array && isList)
    return await sendTo(gate, targets, action.topic, action.body);
  return await Promise.all(
    targets.map((target) =>
      actOnOne(gate, target, action, clock).catch((error: unknown) => targetResultOfError(error)),
    ),
  );
}

const done: TargetResult = {state: 'done'};
const doneIf = (isSo: boolean): TargetResult => (isSo ? done : {state: 'pending'});

async function actOnOne(
  gate: GateApi,
  {id, uid}: Target,
  action: BulkAction,
  clock: Clock,
): Promise<TargetResult> {
  switch (action.verb) {
    case 'kick':
      await gate.close(id);
      return doneIf(await isGoneWithin(gate, id, action.waitMs, clock));
    case 'send': {
      const {body} = action;
      const bytes = body instanceof Uint8Array ? body : body.render(await gate.update(id), gate.nodeId);
      await gate.send(id, action.topic, bytes);
      return done;
    }
    case 'unbind':
      return doneIf((await gate.unbind(id)).userId === '');
    case 'set':
      return doneIf(hasAll((await gate.push(id, action.entries)).settings, action.entries));
    case 'unset':
      for (const key of action.keys) await gate.remove(id, key);
      return done;
    case 'check': {
      const {userId} = await gate.update(id);
      return userId === uid ? done : {state: 'pending', detail: `its uid is "${userId}" now`};
    }
    default:
      return action satisfies never;
  }
}

/** One call for all. The gate says how many were there; which were not is asked when it is not all of them. */
async function sendTo(
  gate: GateApi,
  targets: readonly Target[],
  topic: string,
  body: Uint8Array,
): Promise<readonly TargetResult[]> {
  const ids = targets.map(({id}) => id);
  let handed: number;
  try {
    handed = await gate.sendBatch(ids, topic, body);
  } catch (error) {
    const acted = targetResultOfError(error);
    return targets.map(() => acted);
  }
  if (handed === targets.length) return targets.map(() => done);
  const states = await Promise.all(ids.map((id) => isThere(gate, id)));
  const there = states.filter((state) => state === 'yes').length;
  // those that are there now and yet were not all reached: who it was nobody can tell
  const missed: TargetResult = {state: 'unknown', detail: `the gate reached ${handed} of ${targets.length}`};
  return states.map((state) => {
    if (state === 'no') return {state: 'gone'};
    return state === 'yes' && there === handed ? done : missed;
  });
}

async function isThere(gate: GateApi, id: string): Promise<'yes' | 'no' | 'unknown'> {
  try {
    await gate.update(id);
    return 'yes';
  } catch (error) {
    return error instanceof NoSessionError ? 'no' : 'unknown';
  }
}

const hasAll = (settings: StringBag, entries: StringBag): boolean =>
  Object.entries(entries).every(([key, value]) => Object.hasOwn(settings, key) && settings[key] === value);
