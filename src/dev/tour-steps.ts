import {onAbort} from '../base/abort-signals.js';
import type {ReceivedMessage, SimulatedClient} from './clients/simulated-client.js';

/** A client's own session, as HD_whoami returns it. */
interface WhoAmI {
  readonly sessionId: string;
  readonly serverId: string;
  readonly userId: string;
  readonly settings: Readonly<Record<string, string>>;
  /** The session in mqant's protobuf encoding, in hex. */
  readonly serialized: string;
}

/** Players of the tour. They stay connected and confirm the effect of each command. */
export interface TourClients {
  readonly neo: SimulatedClient;
  readonly trinity: SimulatedClient;
}

/** A step of the tour: a title, a command line, and how a client confirms its effect. */
export interface TourStep {
  readonly title: string;
  readonly argv: readonly string[];
  /**
   * Starts observing before the command runs. Resolves with a line that describes what the client saw; rejects if the command
   * has no effect.
   */
  readonly witness?: (signal: AbortSignal) => Promise<string>;
  /** Text that must be part of the command's output. */
  readonly shows: string;
  /** Whether `witness` runs after the command, for effects that a client is not notified of. */
  readonly after?: boolean;
}

const notice = 'the server restarts at midnight';

/** Returns the steps in order. `neo` and `trinity` are bound and in a room. */
export function tourSteps(cast: TourClients, neo: WhoAmI, trinity: WhoAmI): readonly TourStep[] {
  return [
    {title: 'The gates of the cluster', argv: ['gates', 'list', '-o', 'table'], shows: neo.serverId},
    {
      title: 'Live sessions on all gates; here, the first eight',
      argv: ['sessions', 'list', '--limit', '8', '-o', 'table'],
      shows: 'Gate@',
    },
    {title: 'A single session', argv: ['sessions', 'get', neo.sessionId, '-o', 'table'], shows: 'neo'},
    {
      title: 'Sending a message to that client',
      argv: ['send', neo.sessionId, '/gate/send/test', notice],
      shows: '',
      witness: async (signal) => received(await cast.neo.next('/gate/send/test', signal), notice),
    },
    {
      title: 'Binding the same session to another user',
      argv: ['bind', neo.sessionId, 'the-one'],
      shows: '',
      after: true,
      witness: async () => sees('neo', 'userId', (await fetchWhoAmI(cast.neo)).userId, 'the-one'),
    },
    {
      title: 'Changing a setting of the session',
      argv: ['settings', 'set', neo.sessionId, 'roomName=zion'],
      shows: '',
      after: true,
      witness: async () =>
        sees('neo', 'roomName', (await fetchWhoAmI(cast.neo)).settings['roomName'] ?? '', 'zion'),
    },
    {
      title: 'Kicking another client',
      argv: ['sessions', 'kick', trinity.sessionId, '--yes'],
      shows: '',
      witness: (signal) => disconnected(cast.trinity, signal),
    },
    {
      title: 'Its record, which outlives the connection',
      argv: ['records', 'get', trinity.userId, '-o', 'table'],
      shows: trinity.userId,
    },
    {
      title: 'Deleting that record',
      argv: ['records', 'delete', trinity.userId, '--yes'],
      shows: '',
    },
    {
      title: 'Decoding a session as mqant serializes it',
      argv: ['decode', trinity.serialized],
      shows: trinity.sessionId,
    },
  ];
}

export async function fetchWhoAmI(client: SimulatedClient): Promise<WhoAmI> {
  const {sessionId, serverId, userId, settings, serialized} = (await client.ask('HD_whoami', {})) as WhoAmI;
  return {sessionId, serverId, userId, settings, serialized}; // the demo module returns exactly these fields
}

function received({topic, text}: ReceivedMessage, expected: string): string {
  if (text !== expected) throw new Error(`the client got ${JSON.stringify(text)} on "${topic}"`);
  return `neo received on ${topic}: ${expected}`;
}

function sees(who: string, what: string, found: string, expected: string): string {
  if (found !== expected) throw new Error(`${who} sees ${what} ${JSON.stringify(found)}, not "${expected}"`);
  return `${who} asked HD_whoami and sees ${what} = ${expected}`;
}

function disconnected(client: SimulatedClient, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    onAbort(signal, () => reject(new Error('the client is still connected')));
    client.onEnd(() => resolve('trinity was disconnected'));
  });
}
