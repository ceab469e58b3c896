import {setTimeout as delay} from 'node:timers/promises';
import {onAbort} from '../../base/signals.js';
import {newPlayer, newRoom, type Player} from './people.js';
import {type Random, seededRandom} from './seeded-random.js';
import {connectClient, type GatePorts, type SimulatedClient} from './simulated-client.js';

interface SimulatedClientsOptions {
  /** Number of clients to keep connected. */
  readonly count: number;
  readonly seed: number;
  /** Returns the gates to connect to. Called for each connection, so that stopped gates are avoided. */
  readonly gates: () => readonly GatePorts[];
  /** Pause between two actions of all clients together, in milliseconds. */
  readonly paceMs?: number | undefined;
  readonly signal: AbortSignal;
}

export interface SimulatedClients {
  readonly size: number;
  /** Counts of connections, disconnections and actions. */
  readonly tally: {
    readonly came: number;
    readonly went: number;
    readonly did: number;
    readonly failed: number;
  };
  /** Disconnects all clients. Resolves when the last connection is closed. */
  leave(): Promise<void>;
}

/** Number of concurrent connection attempts at the start: fast, but no reconnect storm. */
const arrivalsAtOnce = 12;
const defaultPaceMs = 120;

/**
 * Connects simulated players that log in, change settings and leave. Resolves when all are connected; rejects if that fails. A
 * player who leaves is replaced by a new one. A player who is disconnected, for example by a kick, reconnects.
 */
export async function startSimulatedClients(options: SimulatedClientsOptions): Promise<SimulatedClients> {
  const crowd = new PlayingCrowd(options);
  try {
    await crowd.gather();
  } catch (error) {
    await crowd.leave();
    throw error;
  }
  crowd.play();
  return crowd;
}

class PlayingCrowd implements SimulatedClients {
  readonly tally = {came: 0, went: 0, did: 0, failed: 0};
  private readonly here = new Set<SimulatedClient>();
  /** Disconnected players that will reconnect. */
  private readonly cutOff: Player[] = [];
  private readonly random: Random;
  private readonly ending = new AbortController();
  private playing: Promise<void> = Promise.resolve();
  private arrivals = 0;

  constructor(private readonly options: SimulatedClientsOptions) {
    this.random = seededRandom(options.seed);
    const unlisten = onAbort(options.signal, () => this.ending.abort());
    onAbort(this.ending.signal, unlisten);
  }

  get size(): number {
    return this.here.size;
  }

  async gather(): Promise<void> {
    const waiting = Array.from({length: this.options.count}, () => this.nextPerson());
    const worker = async () => {
      for (let person = waiting.shift(); person && !this.ended; person = waiting.shift())
        await this.enter(person);
    };
    await Promise.all(Array.from({length: arrivalsAtOnce}, worker));
  }

  play(): void {
    this.playing = this.keepPlaying();
  }

  async leave(): Promise<void> {
    this.ending.abort();
    await this.playing;
    await Promise.all([...this.here].map((client) => client.leave()));
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
  }

  private nextPerson(): Player {
    this.arrivals += 1;
    return newPlayer(this.arrivals, this.random);
  }

  private async enter(person: Player): Promise<void> {
    const gates = this.options.gates();
    const gate = gates[Math.floor(person.gateShare * gates.length)];
    if (gate === undefined) throw new Error('there is no gate to connect to');
    const client = await connectClient(person, gate);
    this.here.add(client);
    this.tally.came += 1;
    client.onEnd(() => {
      if (this.here.delete(client)) this.cutOff.push(person);
      this.tally.went += 1;
    });
    if (person.uid === undefined) return;
    await client.ask('HD_login', {uid: person.uid});
    await client.ask('HD_room', {room: person.room});
  }

  /** Reconnects a disconnected player on any gate that accepts it, or else connects a new one. */
  private async arrive(): Promise<void> {
    const person = this.cutOff.shift();
    if (person === undefined) return this.enter(this.nextPerson());
    try {
      await this.enter({...person, gateShare: this.random()});
    } catch (error) {
      this.cutOff.push(person);
      throw error;
    }
  }

  private async depart(client: SimulatedClient): Promise<void> {
    this.here.delete(client);
    await client.leave();
  }

  /** Runs one action at a time. Counts failed actions (after a kick, or on a stopped gate) and continues. */
  private async keepPlaying(): Promise<void> {
    const {paceMs = defaultPaceMs} = this.options;
    while (!this.ended) {
      await delay(paceMs, undefined, {signal: this.ending.signal}).catch(() => {});
      if (this.ended) return;
      try {
        await this.oneDeed();
        this.tally.did += 1;
      } catch {
        this.tally.failed += 1;
      }
    }
  }

  private async oneDeed(): Promise<void> {
    if (this.here.size < this.options.count) return this.arrive();
    const chance = this.random();
    const client = [...this.here][Math.floor(this.random() * this.here.size)];
    if (client === undefined) return;
    if (chance < 0.2) await this.depart(client);
    else if (client.person.uid === undefined || chance < 0.5)
      await client.ask('HD_say', {name: client.person.clientId});
    else if (chance < 0.8) await client.ask('HD_room', {room: newRoom(this.random)});
    else await client.ask('HD_level', {level: String(1 + Math.floor(this.random() * 60))});
  }
}
