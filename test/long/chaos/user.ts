// One user: connects, binds, reads what he left, writes one number after the other, leaves and comes back elsewhere.
import {setTimeout as delay} from 'node:timers/promises';
import {NoSessionError} from '../../../src/base/errors.js';
import {decodeSession} from '../../../src/session/codec/session-protobuf.js';
import {RawClient} from '../../support/test-gate.js';
import {type ChaosCluster, type ChaosGate, sessionOf, storageTimeoutMs} from './cluster.js';
import type {Ledger} from './promises.js';

/** What is going on, as far as it decides what may be promised. */
export interface World {
  /** The store, or the way to it, is in trouble, or was until a moment ago. */
  storeAway: boolean;
  busAway: boolean;
  moduleAway: boolean;
  isOver: boolean;
}

export class ChaosUser {
  acked = 0;
  asked = 0;
  writes = 0;
  unknown = 0;
  private client: RawClient | undefined;

  constructor(
    readonly uid: string,
    private readonly cluster: ChaosCluster,
    private readonly world: World,
    private readonly ledger: Ledger,
    private readonly random: () => number,
  ) {}

  async live(): Promise<void> {
    while (!this.world.isOver) {
      const gate = this.cluster.gates[Math.floor(this.random() * this.cluster.gates.length)];
      if (gate !== undefined && !gate.isTroubled) await this.visit(gate).catch(() => {});
      this.client?.destroy();
      await delay(20 + this.random() * 100);
    }
  }

  /** One connection, until it breaks or he feels like leaving. */
  private async visit(gate: ChaosGate): Promise<void> {
    const {client} = gate;
    const wasAway = this.world.storeAway;
    const raw = await RawClient.connect(Number(new URL(gate.process.tcp).port));
    this.client = raw;
    raw.connect(4, {clientId: this.uid});
    await raw.packet('connack');
    const sessionId = await sessionOf(gate, raw);
    if (sessionId === undefined) return;
    const bound = await client.bind(sessionId, this.uid);
    if (!wasAway && !this.world.storeAway && !gate.isTroubled)
      this.read(bound.settings['n'], `bind on ${gate.id}`);
    for (let left = 5 + this.random() * 60; left > 0 && !this.world.isOver && !raw.isClosed; left -= 1) {
      if (!(await this.write(gate, sessionId))) return;
      await delay(this.random() * 40);
    }
    // who leaves while his state waits for the store may be overtaken by himself: he stays until it is stored
    while (this.world.storeAway && !this.world.isOver && !raw.isClosed) await delay(100);
  }

  private async write(gate: ChaosGate, sessionId: string): Promise<boolean> {
    this.asked += 1;
    const number = this.asked;
    const started = performance.now();
    const isStoreFault = this.world.storeAway && !this.world.busAway;
    try {
      const session = await gate.client.set(sessionId, 'n', String(number));
      this.ledger.check(
        'forward',
        session.settings['n'] === String(number),
        () => `${this.uid} set ${number} and was given ${session.settings['n']}`,
      );
      this.acked = number;
      this.writes += 1;
      if (isStoreFault) {
        const took = performance.now() - started;
        this.ledger.check(
          'deadline',
          took < 2 * storageTimeoutMs + 1000,
          () => `${took.toFixed(0)} ms for a write on ${gate.id}`,
        );
      }
      return true;
    } catch (error) {
      if (!(error instanceof NoSessionError)) this.unknown += 1;
      return false;
    }
  }

  /** What a bind or the store says: no older than what was acknowledged, no newer than what was asked for. */
  read(value: string | undefined, where: string): void {
    const seen = Number(value ?? 0);
    this.ledger.check(
      'acked',
      seen >= this.acked,
      () => `${this.uid}: ${where} gave ${value}, acknowledged was ${this.acked}`,
    );
    this.ledger.check(
      'forward',
      seen <= this.asked,
      () => `${this.uid}: ${where} gave ${value}, asked for was ${this.asked}`,
    );
    this.acked = Math.max(this.acked, seen);
  }

  /** Looks into the store while all is well. */
  async lookAtRecord(): Promise<void> {
    const before = this.acked;
    if (before === 0) return;
    const record = await this.cluster.records.get(this.uid);
    const session = record === undefined ? undefined : decoded(record.value);
    this.ledger.check(
      'whole',
      session?.userId === this.uid,
      () =>
        `the record of ${this.uid} is ${session === undefined ? 'absent or torn' : `of ${session.userId}`}`,
    );
    const seen = Number(session?.settings['n'] ?? 0);
    this.ledger.check(
      'acked',
      seen >= before,
      () => `${this.uid}: the store has ${seen}, acknowledged was ${before}`,
    );
  }
}

function decoded(bytes: Uint8Array) {
  try {
    return decodeSession(bytes);
  } catch {
    return undefined;
  }
}
