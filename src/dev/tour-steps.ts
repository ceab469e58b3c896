import {onAbort} from '../base/signals.js';
import type {ReceivedMessage, SimulatedClient} from './clients/simulated-client.js';

/** A client's own session, from HD_whoami. */
interface WhoAmI {
  readonly sessionId: string;
  readonly serverId: string;
  readonly userId: string;
  readonly settings: Readonly<Record<string, string>>;
  /** mqant's `Serializable` in hex. */
  readonly serialized: string;
}

/** The players of the tour. They stay connected, and confirm the effect of each command. */
export interface TourClients {
  readonly neo: SimulatedClient;
  readonly trinity: SimulatedClient;
}

/** One step: a title, a command line, and how a client confirms its effect. */
export interface TourStep {
  readonly title: string;
  readonly argv: readonly string[];
  /**
   * Starts to observe before the command runs, and resolves with a line that describes what was seen. Rejects
   * if the effect does not happen.
   */
  readonly witness?: (signal: AbortSignal) => Promise<string>;
  /** Text that must be part of the command's output. */
  readonly shows: string;
  /** Observes after the command, for effects that no client is notified of. */
  readonly after?: boolean;
}

const notice = 'the server restarts at midnight';

/** The steps in order. `neo` and `trinity` are bound and in a room. */
export function tourSteps(cast: TourClients, neo: WhoAmI, trinity: WhoAmI): readonly TourStep[] {
  return [
    {title: 'The gates of the cluster', argv: ['gates', 'list', '-o', 'table'], shows: neo.serverId},
    {
      title: 'Every live session on all of them; here the first eight',
      argv: ['sessions', 'list', '--limit', '8', '-o', 'table'],
      shows: 'Gate@',
    },
    {title: 'One session', argv: ['sessions', 'get', neo.sessionId, '-o', 'table'], shows: 'neo'},
    {
      title: 'A message to that client',
      argv: ['send', neo.sessionId, '/gate/send/test', notice],
      shows: '',
      witness: async (signal) => received(await cast.neo.next('/gate/send/test', signal), notice),
    },
    {
      title: 'The same connection, bound to another user',
      argv: ['bind', neo.sessionId, 'the-one'],
      shows: '',
      after: true,
      witness: async () => sees('neo', 'userId', (await whoAmI(cast.neo)).userId, 'the-one'),
    },
    {
      title: 'A setting of the session changed',
      argv: ['settings', 'set', neo.sessionId, 'roomName=zion'],
      shows: '',
      after: true,
      witness: async () =>
        sees('neo', 'roomName', (await whoAmI(cast.neo)).settings['roomName'] ?? '', 'zion'),
    },
    {
      title: 'Another client kicked',
      argv: ['sessions', 'kick', trinity.sessionId, '--yes'],
      shows: '',
      witness: (signal) => disconnected(cast.trinity, signal),
    },
    {
      title: 'Her record outlived the connection',
      argv: ['records', 'get', trinity.userId, '-o', 'table'],
      shows: trinity.userId,
    },
    {
      title: 'So it is force-deleted',
      argv: ['records', 'delete', trinity.userId, '--yes'],
      shows: '',
    },
    {
      title: 'Bytes as mqant serializes a session, decoded',
      argv: ['decode', trinity.serialized],
      shows: trinity.sessionId,
    },
  ];
}

export async function whoAmI(client: SimulatedClient): Promise<WhoAmI> {
  const {sessionId, serverId, userId, settings, serialized} = (await client.ask('HD_whoami', {})) as WhoAmI;
  return {sessionId, serverId, userId, settings, serialized}; // the reply comes from the demo module, so its shape is known
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
