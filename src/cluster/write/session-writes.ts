import {
  CallError,
  GatectlError,
  NegativeError,
  NoSessionError,
  OutcomeUnknownError,
  SettingsConflictError,
} from '../../base/errors.js';
import type {GateApi} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import {matchesExpectedSettings, type SettingsEdit} from '../../session/settings-edit.js';
import type {DeliverOptions} from '../query-types.js';
import type {DeliverResult, KickResult, LocatedSession, SessionBeforeAfter} from '../result-types.js';

/** Runs a write. Adds a hint to an OutcomeUnknownError, and turns a NoSessionError into one that names the gate. */
export async function withVerificationHint<T>(
  {node, session}: LocatedSession,
  call: () => Promise<T>,
): Promise<T> {
  const reference = `${node.id}/${session.sessionId}`;
  try {
    return await call();
  } catch (error) {
    if (error instanceof OutcomeUnknownError) {
      throw new OutcomeUnknownError(error.message, {
        hint: `check its state: gatectl sessions get ${reference}`,
        cause: error,
      });
    }
    if (error instanceof NoSessionError) {
      throw new NegativeError(`session "${session.sessionId}" is gone from ${node.id}`, {
        hint: 'a reconnected client has a new session: gatectl sessions list',
        cause: error,
      });
    }
    throw error;
  }
}

/** Runs a write that returns the session, and returns the session before and after it. */
export async function changeSession(
  located: LocatedSession,
  gate: GateApi,
  write: (gate: GateApi, sessionId: string) => Promise<Session>,
): Promise<SessionBeforeAfter> {
  const after = await withVerificationHint(located, () => write(gate, located.session.sessionId));
  return {node: located.node, before: located.session, after};
}

/**
 * Edits settings with one call. On a gate without that function, compares the settings and then writes them one by
 * one. Throws SettingsConflictError if they are not as expected.
 */
export async function editSettingsOnGate(
  gate: GateApi,
  sessionId: string,
  edit: SettingsEdit,
): Promise<Session> {
  try {
    return await gate.edit(sessionId, edit);
  } catch (error) {
    if (!(error instanceof CallError) || error.reason !== 'unsupported') throw error;
  }
  let session = await gate.update(sessionId);
  if (!matchesExpectedSettings(edit, session.settings)) throw new SettingsConflictError(sessionId);
  if (Object.keys(edit.set).length > 0) session = await gate.push(sessionId, edit.set);
  for (const key of edit.unset) session = await gate.remove(sessionId, key);
  return session;
}

/** Sends with QoS 1 and waits for the acknowledgement. Rejects with NegativeError if the session is gone. */
export async function deliverToSession(
  located: LocatedSession,
  gate: GateApi,
  {topic, body, waitMs}: DeliverOptions,
): Promise<DeliverResult> {
  const {sessionId} = located.session;
  return await withVerificationHint(located, async () => {
    const [delivery] = await gate.deliver({sessions: [sessionId], topic, waitMs}, body);
    if (delivery === undefined || delivery.state === 'gone') throw new NoSessionError(sessionId);
    return {...located, ...delivery};
  });
}

export interface PollClock {
  now(): number;
  wait(ms: number): Promise<void>;
}

/**
 * Closes a session and waits until it is gone. A stock gate replies immediately but may take up to 60 s to close it
 * (gate/base/mqtt_agent.go), so the gate is polled.
 */
export async function kickSession(
  located: LocatedSession,
  gate: GateApi,
  waitMs: number,
  clock: PollClock,
): Promise<KickResult> {
  const {node, session} = located;
  await withVerificationHint(located, () => gate.close(session.sessionId));
  const isClosed = await waitUntilGone(gate, session.sessionId, waitMs, clock);
  return {node, session, state: isClosed ? 'closed' : 'closing'};
}

/** Returns true once the session is gone; false if it is still there after `waitMs`. */
export async function waitUntilGone(
  gate: GateApi,
  sessionId: string,
  waitMs: number,
  clock: PollClock,
): Promise<boolean> {
  const deadline = clock.now() + waitMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 500)) {
    if (await isGone(gate, sessionId)) return true;
    const left = deadline - clock.now();
    if (left <= 0) return false;
    await clock.wait(Math.min(pause, left));
  }
}

async function isGone(gate: GateApi, sessionId: string): Promise<boolean> {
  try {
    await gate.update(sessionId);
    return false;
  } catch (error) {
    if (error instanceof NoSessionError) return true;
    if (error instanceof GatectlError) return false; // no answer: the session may still be there
    throw error;
  }
}
