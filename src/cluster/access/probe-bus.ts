import {setTimeout as wait} from 'node:timers/promises';
import type {Bus} from '../../bus/bus.js';
import {gateFunctions} from '../../bus/gate/gate-functions.js';
import {isNodeToken, nodeAddress} from '../../bus/node-address.js';
import {hintForInboxPrefix} from '../../bus/rpc/reply-inboxes.js';
import type {GateFunction} from '../../session/gate-api.js';

/** Properties of the bus connection, and the gate functions that it may call. */
export interface ClusterProbe {
  readonly serverVersion: string;
  readonly isEncrypted: boolean;
  readonly maxPayloadBytes: number;
  readonly roundTripMs: number;
  /**
   * Permitted and denied functions of gatectl gates, which have one subject per function. Undefined if the server
   * reported nothing.
   */
  readonly permissions: Permissions | undefined;
  /** Hint if gates will not reply under the current inbox prefix; otherwise undefined. */
  readonly inboxHint: string | undefined;
}

/** Permitted and denied gate functions. Denied reads and writes are listed separately. */
interface Permissions {
  readonly allowed: readonly GateFunction[];
  readonly deniedReads: readonly GateFunction[];
  readonly deniedWrites: readonly GateFunction[];
}

/** A node id that no node uses, so probe calls never reach a gate. */
const missingNode = 'gatectl-probe';

/** How long to wait for the server's replies after the last probe. */
const settleMs = 250;

/**
 * Calls every gate function on a nonexistent node of the first gate type, and returns which calls are permitted: the
 * server replies either that there is no responder or that the call is not permitted. `now` returns milliseconds.
 */
export async function probeBus(bus: Bus, gateType: string, now: () => number): Promise<ClusterProbe> {
  await bus.flush(); // keep connection set-up out of the measured round trip
  const started = now();
  await bus.flush();
  const roundTripMs = now() - started;
  const {serverVersion, isEncrypted, maxPayloadBytes} = bus;
  const type = gateType.split(',').find(isNodeToken);
  const heard = type === undefined ? new Map<GateFunction, boolean>() : await permittedOn(bus, type);
  const permissions = heard.size === 0 ? undefined : permissionsIn(heard);
  const inbox = bus.newInbox();
  const inboxHint = hintForInboxPrefix(inbox.slice(0, inbox.lastIndexOf('.')));
  return {serverVersion, isEncrypted, maxPayloadBytes, roundTripMs, permissions, inboxHint};
}

function permissionsIn(heard: ReadonlyMap<GateFunction, boolean>): Permissions {
  const of = (wanted: boolean) => [...heard].filter(([, may]) => may === wanted).map(([fn]) => fn);
  const denied = of(false);
  return {
    allowed: of(true),
    deniedReads: denied.filter((fn) => !gateFunctions[fn].write),
    deniedWrites: denied.filter((fn) => gateFunctions[fn].write),
  };
}

async function permittedOn(bus: Bus, gateType: string): Promise<Map<GateFunction, boolean>> {
  const functions = Object.keys(gateFunctions) as GateFunction[];
  const address = nodeAddress('gate', `${gateType}@${missingNode}`);
  const subjects = new Map(functions.map((fn) => [`${address}.${fn}`, fn]));
  const permitted = new Map<GateFunction, boolean>();
  const done = new AbortController();
  const hear = (fn: GateFunction | undefined, isPermitted: boolean): void => {
    if (fn !== undefined) permitted.set(fn, isPermitted);
    if (permitted.size === functions.length) done.abort();
  };
  const inbox = bus.newInbox();
  const subscription = bus.subscribe(`${inbox}.*`, ({subject}) =>
    hear(functions[Number(subject.slice(inbox.length + 1))], true),
  );
  const stopDenied = bus.onDenied(({operation, subject}) => {
    if (operation === 'publish') hear(subjects.get(subject), false);
  });
  try {
    for (const [at, fn] of functions.entries())
      bus.publish(`${address}.${fn}`, new Uint8Array(0), `${inbox}.${at}`);
    await bus.flush();
    if (!done.signal.aborted) await wait(settleMs, undefined, {signal: done.signal}).catch(() => {});
  } finally {
    subscription.unsubscribe();
    stopDenied();
  }
  return permitted;
}
