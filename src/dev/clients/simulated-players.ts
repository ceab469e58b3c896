import {pickRandom, type RandomSource} from './seeded-random.js';

/** A simulated player: how it connects, and which settings it will have. */
export interface SimulatedPlayer {
  readonly clientId: string;
  /** User id; undefined for a player who never logs in. */
  readonly uid: string | undefined;
  readonly network: 'tcp' | 'websocket';
  /** MQTT protocol level: 4 is MQTT 3.1.1. */
  readonly protocolVersion: 4 | 5;
  readonly room: string;
  /** Determines the gate, as a fraction between 0 and 1 of the list of gates. */
  readonly gateShare: number;
}

const rooms = ['lobby', 'mqant', 'arena', 'market', 'harbour', 'citadel'] as const;

/** Creates a player. One in six is a guest; the others have a unique uid derived from `index`. */
export function createPlayer(index: number, random: RandomSource): SimulatedPlayer {
  const isGuest = random() < 1 / 6;
  return {
    clientId: `player-${index}`,
    uid: isGuest ? undefined : uidOf(index),
    network: pickRandom(random, ['tcp', 'websocket']),
    protocolVersion: pickRandom(random, [4, 5]),
    room: pickRandom(random, rooms),
    gateShare: random(),
  };
}

const uidOf = (index: number): string => `u${String(index).padStart(4, '0')}`;

export const pickRandomRoom = (random: RandomSource): string => pickRandom(random, rooms);
