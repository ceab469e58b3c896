import {connect, type Socket} from 'node:net';
import {generate} from 'mqtt-packet';
import {until} from './poll.js';

/** What clients met on one gate. */
export interface GateVisits {
  /** Times at which a CONNACK accepted a client, in milliseconds of `performance.now()`. */
  readonly accepted: number[];
  /** Codes of refusing CONNACKs, and of DISCONNECTs. */
  readonly refused: Map<number, number>;
  readonly disconnected: Map<number, number>;
  /** Times at which a connected client was cut off. */
  readonly closed: number[];
}

const connectOf = (version: 4 | 5, clientId: string): Buffer =>
  generate(
    {cmd: 'connect', protocolId: 'MQTT', protocolVersion: version, clientId, clean: true, keepalive: 0},
    {protocolVersion: version},
  );

const count = (codes: Map<number, number>, code: number): void =>
  void codes.set(code, (codes.get(code) ?? 0) + 1);

/**
 * Bare MQTT clients, half of them of MQTT 5, that connect to the gates in turn. One that is refused or cut off goes to the
 * next gate after a moment, as behind a load balancer.
 */
export class RoamingClients implements AsyncDisposable {
  readonly visits: readonly GateVisits[];
  private readonly sockets = new Set<Socket>();
  private connected = 0;
  private isOver = false;

  /** `pauseMs` is how long a client waits before it connects again. */
  constructor(
    private readonly ports: readonly number[],
    private readonly pauseMs = 50,
  ) {
    this.visits = ports.map(() => ({accepted: [], refused: new Map(), disconnected: new Map(), closed: []}));
  }

  /** Resolves when all of `clients` more are connected, at most 200 at once. */
  async join(clients: number): Promise<void> {
    const before = this.connected;
    for (let at = 0; at < clients; at += 1) {
      await until(() => at - (this.connected - before) < 200, {
        what: 'clients to connect',
        timeoutMs: 60_000,
      });
      this.visit(at % this.ports.length, at % 2 === 0 ? 4 : 5, `c${before + at}`);
    }
    await this.all(before + clients);
  }

  /** Resolves when this many clients are connected. */
  async all(clients: number): Promise<void> {
    await until(() => this.connected === clients, {what: `${clients} connected clients`, timeoutMs: 120_000});
  }

  private visit(gate: number, version: 4 | 5, clientId: string): void {
    const visits = this.visits[gate];
    const port = this.ports[gate];
    if (this.isOver || visits === undefined || port === undefined) return;
    const socket = connect(port, '127.0.0.1');
    this.sockets.add(socket);
    let isConnected = false;
    socket.setNoDelay(true);
    socket.on('connect', () => socket.write(connectOf(version, clientId)));
    socket.on('data', (bytes) => {
      if (isConnected) {
        if (bytes[0] === 0xe0) count(visits.disconnected, bytes[2] ?? 0);
        return;
      }
      const code = bytes[3] ?? 0;
      if (code !== 0) return count(visits.refused, code);
      isConnected = true;
      this.connected += 1;
      visits.accepted.push(performance.now());
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (isConnected) {
        this.connected -= 1;
        visits.closed.push(performance.now());
      }
      setTimeout(() => this.visit((gate + 1) % this.ports.length, version, clientId), this.pauseMs).unref();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isOver = true;
    for (const socket of this.sockets) socket.destroy();
  }
}

/** Highest number of times within any second. */
export function mostPerSecond(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [at, time] of times.entries()) {
    while (time - (times[first] ?? 0) >= 1000) first += 1;
    most = Math.max(most, at - first + 1);
  }
  return most;
}
