import {setTimeout as wait} from 'node:timers/promises';
import {isNodeToken, nodeAddress} from '../bus/address.js';
import type {Bus} from '../bus/bus.js';
import {gateFunctions} from '../bus/gate/gate-functions.js';
import {hintForInboxPrefix} from '../bus/rpc/reply-inboxes.js';
import type {GateFunction} from '../session/gate-api.js';

/** What the bus is, and what it permits us. */
export interface ClusterProbe {
  readonly serverVersion: string;
  readonly isEncrypted: boolean;
  readonly maxPayloadBytes: number;
  readonly roundTripMs: number;
  /** Functions of gates of ours, which have a subject each; undefined when nothing was heard. */
  readonly permissions: Permissions | undefined;
  /** What to do when gates do not answer under our inbox prefix; undefined when it is one of those they answer. */
  readonly inboxHint: string | undefined;
}

/** What NATS lets us call, and what not: reads and writes apart. */
interface Permissions {
  readonly allowed: readonly GateFunction[];
  readonly deniedReads: readonly GateFunction[];
  readonly deniedWrites: readonly GateFunction[];
}

/** A node of this name is never there, so that what is asked of it reaches nobody. */
const nobody = 'gatectl-probe';

/** After the server has seen all questions, its answers are read within so long. */
const settleMs = 250;

/**
 * Asks every function of a gate that is not there: the server says either that nobody listens, or that it may not be asked.
 * `now` in milliseconds.
 */
export async function probeBus(bus: Bus, gateType: string, now: () => number): Promise<ClusterProbe> {
  await bus.flush(); // what connecting left behind is no part of the round trip
  const started = now();
  await bus.flush();
  const roundTripMs = now() - started;
  const {serverVersion, isEncrypted, maxPayloadBytes} = bus;
  const heard = isNodeToken(gateType) ? await permittedOn(bus, gateType) : new Map<GateFunction, boolean>();
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
  const address = nodeAddress('gate', `${gateType}@${nobody}`);
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
