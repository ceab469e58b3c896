import {pick, type Random} from './seeded-random.js';

/** Somebody who plays: how he connects, and what he will say of himself. */
export interface Player {
  readonly clientId: string;
  /** Undefined for one who never logs in. */
  readonly uid: string | undefined;
  readonly network: 'tcp' | 'websocket';
  /** MQTT 3.1.1 is 4 on the wire. */
  readonly protocolVersion: 4 | 5;
  readonly room: string;
  /** Which of the gates, as a share from 0 to 1. */
  readonly gateShare: number;
}

const rooms = ['lobby', 'mqant', 'arena', 'market', 'harbour', 'citadel'] as const;

/** About one in six is a guest; the rest have uids that grow with `index`, so that no two share one. */
export function newPlayer(index: number, random: Random): Player {
  const isGuest = random() < 1 / 6;
  return {
    clientId: `player-${index}`,
    uid: isGuest ? undefined : uidOf(index),
    network: pick(random, ['tcp', 'websocket']),
    protocolVersion: pick(random, [4, 5]),
    room: pick(random, rooms),
    gateShare: random(),
  };
}

const uidOf = (index: number): string => `u${String(index).padStart(4, '0')}`;

export const newRoom = (random: Random): string => pick(random, rooms);
