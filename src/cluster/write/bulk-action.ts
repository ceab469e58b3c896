import {NoSessionError} from '../../base/errors.js';
import type {DeliveryOutcome, GateApi} from '../../session/gate-api.js';
import type {StringBag} from '../../session/session.js';
import type {MessageTemplate} from './message-template.js';
import {type Target, type TargetResult, targetResultOfError} from './paced-writes.js';
import {type PollClock, waitUntilGone} from './session-writes.js';

export type BulkAction =
  | {readonly verb: 'kick'; readonly waitMs: number}
  | {
      readonly verb: 'send';
      readonly topic: string;
      readonly body: Uint8Array | MessageTemplate;
      /** Sends with QoS 1 and waits this long for acknowledgements, in milliseconds. */
      readonly ackWaitMs?: number | undefined;
    }
  | {readonly verb: 'unbind'}
  | {readonly verb: 'set'; readonly entries: StringBag}
  | {readonly verb: 'unset'; readonly keys: readonly string[]}
  /**
   * Writes nothing. `done`: the session's uid is unchanged since the selection; `pending`: it now has another uid.
   */
  | {readonly verb: 'check'};

/** Maximum number of ids in a SendBatch, which is a few kilobytes. */
const maxBatch = 100;

/** Returns the number of targets per call. A call has at most as many as may be sent in a tenth of a second. */
export function targetsPerCall(action: BulkAction, rate: number): number {
  if (action.verb !== 'send' || !(action.body instanceof Uint8Array)) return 1;
  return rate === 0 ? maxBatch : Math.max(1, Math.min(maxBatch, Math.floor(rate / 10)));
}

/**
 * Performs the action on sessions of one gate. Resolves with the result for each, verified by the gate's reply where
 * possible.
 */
export async function applyBulkAction(
  gate: GateApi,
  targets: readonly Target[],
  action: BulkAction,
  clock: PollClock,
): Promise<readonly TargetResult[]> {
  if (action.verb === 'send' && action.ackWaitMs !== undefined)
    return await deliverTo(gate, targets, {...action, ackWaitMs: action.ackWaitMs});
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
const doneIf = (isDone: boolean): TargetResult => (isDone ? done : {state: 'pending'});

async function actOnOne(
  gate: GateApi,
  {id, uid}: Target,
  action: BulkAction,
  clock: PollClock,
): Promise<TargetResult> {
  switch (action.verb) {
    case 'kick':
      await gate.close(id);
      return doneIf(await waitUntilGone(gate, id, action.waitMs, clock));
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

type QosOneSend = Extract<BulkAction, {verb: 'send'}> & {readonly ackWaitMs: number};

/** Sends with QoS 1. With a template, there is only one target. */
async function deliverTo(
  gate: GateApi,
  targets: readonly Target[],
  {topic, body, ackWaitMs: waitMs}: QosOneSend,
): Promise<readonly TargetResult[]> {
  const sessions = targets.map(({id}) => id);
  try {
    const bytes =
      body instanceof Uint8Array ? body : body.render(await gate.update(sessions[0] ?? ''), gate.nodeId);
    return (await gate.deliver({sessions, topic, waitMs}, bytes)).map(resultOfDelivery);
  } catch (error) {
    const result = targetResultOfError(error);
    return targets.map(() => result);
  }
}

/**
 * Converts a delivery to a result. A message that was not acknowledged is `pending`, because the client may still
 * have received it.
 */
function resultOfDelivery({state, detail}: DeliveryOutcome): TargetResult {
  switch (state) {
    case 'acknowledged':
      return done;
    case 'unacknowledged':
      return {state: 'pending', detail: `not acknowledged: ${detail ?? 'no PUBACK'}`};
    case 'gone':
      return {state: 'gone'};
    default:
      return {state: 'failed', detail: `${state}: ${detail ?? 'no reason given'}`};
  }
}

/**
 * Sends to all with one call. The gate replies with the number of sessions reached; if that is too low, looks up
 * which ones are gone.
 */
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
  // connected, but not all were reached, and it is unknown which ones
  const missed: TargetResult = {
    state: 'unknown',
    detail: `the gate reached ${handed} of ${targets.length} sessions; which ones is unknown`,
  };
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
