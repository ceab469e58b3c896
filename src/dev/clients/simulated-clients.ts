import {setTimeout as delay} from 'node:timers/promises';
import {onAbort} from '../../base/abort-signals.js';
import {type RandomSource, seededRandom} from './seeded-random.js';
import {connectSimulatedClient, type GatePorts, type SimulatedClient} from './simulated-client.js';
import {createPlayer, pickRandomRoom, type SimulatedPlayer} from './simulated-players.js';

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
    readonly connects: number;
    readonly disconnects: number;
    readonly actions: number;
    readonly failed: number;
  };
  /** Disconnects all clients. Resolves when the last connection is closed. */
  leave(): Promise<void>;
}

/** Number of concurrent connection attempts at the start: fast, but no reconnect storm. */
const concurrentConnects = 12;
const defaultPaceMs = 120;

/**
 * Connects simulated players that log in, change settings and leave. Resolves when all are connected; rejects if that fails. A
 * player who leaves is replaced by a new one. A player who is disconnected, for example by a kick, reconnects.
 */
export async function startSimulatedClients(options: SimulatedClientsOptions): Promise<SimulatedClients> {
  const clients = new PlayingClients(options);
  try {
    await clients.connectAll();
  } catch (error) {
    await clients.leave();
    throw error;
  }
  clients.startPlaying();
  return clients;
}

class PlayingClients implements SimulatedClients {
  readonly tally = {connects: 0, disconnects: 0, actions: 0, failed: 0};
  private readonly online = new Set<SimulatedClient>();
  /** Disconnected players that will reconnect. */
  private readonly disconnected: SimulatedPlayer[] = [];
  private readonly random: RandomSource;
  private readonly ending = new AbortController();
  private playing: Promise<void> = Promise.resolve();
  private created = 0;

  constructor(private readonly options: SimulatedClientsOptions) {
    this.random = seededRandom(options.seed);
    const unlisten = onAbort(options.signal, () => this.ending.abort());
    onAbort(this.ending.signal, unlisten);
  }

  get size(): number {
    return this.online.size;
  }

  async connectAll(): Promise<void> {
    const waiting = Array.from({length: this.options.count}, () => this.nextPlayer());
    const worker = async () => {
      for (let player = waiting.shift(); player && !this.ended; player = waiting.shift())
        await this.connect(player);
    };
    await Promise.all(Array.from({length: concurrentConnects}, worker));
  }

  startPlaying(): void {
    this.playing = this.keepPlaying();
  }

  async leave(): Promise<void> {
    this.ending.abort();
    await this.playing;
    await Promise.all([...this.online].map((client) => client.leave()));
  }

  private get ended(): boolean {
    return this.ending.signal.aborted;
  }

  private nextPlayer(): SimulatedPlayer {
    this.created += 1;
    return createPlayer(this.created, this.random);
  }

  private async connect(player: SimulatedPlayer): Promise<void> {
    const gates = this.options.gates();
    const gate = gates[Math.floor(player.gateShare * gates.length)];
    if (gate === undefined) throw new Error('there is no gate to connect to');
    const client = await connectSimulatedClient(player, gate);
    this.online.add(client);
    this.tally.connects += 1;
    client.onEnd(() => {
      if (this.online.delete(client)) this.disconnected.push(player);
      this.tally.disconnects += 1;
    });
    if (player.uid === undefined) return;
    await client.ask('HD_login', {uid: player.uid});
    await client.ask('HD_room', {room: player.room});
  }

  /** Reconnects a disconnected player on any gate that accepts it, or else connects a new one. */
  private async connectNext(): Promise<void> {
    const player = this.disconnected.shift();
    if (player === undefined) return this.connect(this.nextPlayer());
    try {
      await this.connect({...player, gateShare: this.random()});
    } catch (error) {
      this.disconnected.push(player);
      throw error;
    }
  }

  private async disconnect(client: SimulatedClient): Promise<void> {
    this.online.delete(client);
    await client.leave();
  }

  /** Runs one action at a time. Counts failed actions (after a kick, or on a stopped gate) and continues. */
  private async keepPlaying(): Promise<void> {
    const {paceMs = defaultPaceMs} = this.options;
    while (!this.ended) {
      await delay(paceMs, undefined, {signal: this.ending.signal}).catch(() => {});
      if (this.ended) return;
      try {
        await this.runOneAction();
        this.tally.actions += 1;
      } catch {
        this.tally.failed += 1;
      }
    }
  }

  private async runOneAction(): Promise<void> {
    if (this.online.size < this.options.count) return this.connectNext();
    const chance = this.random();
    const client = [...this.online][Math.floor(this.random() * this.online.size)];
    if (client === undefined) return;
    if (chance < 0.2) await this.disconnect(client);
    else if (client.player.uid === undefined || chance < 0.5)
      await client.ask('HD_say', {name: client.player.clientId});
    else if (chance < 0.8) await client.ask('HD_room', {room: pickRandomRoom(this.random)});
    else await client.ask('HD_level', {level: String(1 + Math.floor(this.random() * 60))});
  }
}
