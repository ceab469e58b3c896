import {setMaxListeners} from 'node:events';
import {connect as connectTcp, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {connect as connectTls} from 'node:tls';
import {generate} from 'mqtt-packet';
import {connectPacketOf} from './honest-clients.js';
import {rightPassword} from './login-module.js';

const kinds = ['slow', 'flooding', 'wrong credentials', 'half-open', 'forged address'] as const;
type HostileKind = (typeof kinds)[number];

interface Ports {
  readonly tcp: number;
  readonly ws: number;
}

/** Five share an address, so that they reach its limits. */
const perAddress = 5;
const pauseMs = 250;
const floodEveryMs = 50;

const floodBytes = Buffer.concat(
  Array.from({length: 32}, () =>
    generate({
      ...{cmd: 'publish', topic: 'Nobody/HD_x/1', payload: Buffer.alloc(1024)},
      ...{qos: 0, dup: false, retain: false},
    }),
  ),
);

/** Clients that break rules, each as often as it can. Every fifth is of each kind. */
export class HostileClients implements AsyncDisposable {
  readonly attempts: Record<HostileKind, number> = {
    ...{slow: 0, flooding: 0, 'wrong credentials': 0, 'half-open': 0, 'forged address': 0},
  };
  private readonly ending = new AbortController();
  private readonly running: readonly Promise<void>[];

  constructor(
    private readonly ports: Ports,
    count: number,
  ) {
    setMaxListeners(0, this.ending.signal);
    this.running = Array.from({length: count}, (_, at) => this.attack(at));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort();
    await Promise.all(this.running);
  }

  private async attack(at: number): Promise<void> {
    const kind = kinds[at % kinds.length] as HostileKind;
    const place = Math.floor(at / kinds.length / perAddress);
    const localAddress = `127.66.${at % kinds.length}.${(place % 250) + 1}`;
    const {signal} = this.ending;
    while (!signal.aborted) {
      this.attempts[kind] += 1;
      await this.attempt(kind, at, localAddress);
      await delay(pauseMs, undefined, {signal}).catch(() => {});
    }
  }

  /** Resolves when the gate has closed the connection. */
  private async attempt(kind: HostileKind, at: number, localAddress: string): Promise<void> {
    const socket = this.open(kind, localAddress);
    const stop = (): void => void socket.destroy();
    this.ending.signal.addEventListener('abort', stop);
    const closed = new Promise<void>((resolve) => {
      socket.on('error', () => {}).once('close', () => resolve());
    });
    if (this.ending.signal.aborted) stop();
    socket.resume();
    const timer = misbehave(kind, socket, at);
    await closed;
    clearInterval(timer);
    this.ending.signal.removeEventListener('abort', stop);
  }

  private open(kind: HostileKind, localAddress: string): Socket {
    const {tcp, ws} = this.ports;
    const isTls = kind !== 'half-open';
    const port = kind === 'forged address' && this.attempts[kind] % 2 === 0 ? ws : tcp;
    const where = {host: '127.0.0.1', port, localAddress};
    if (!isTls) return connectTcp(where);
    return connectTls({...where, rejectUnauthorized: false});
  }
}

/** Writes what a client of this kind writes; returns the timer of those that go on. */
function misbehave(kind: HostileKind, socket: Socket, at: number): NodeJS.Timeout | undefined {
  switch (kind) {
    case 'slow': {
      const hello = connectPacketOf(`slow-${at}`, rightPassword);
      let sent = 0;
      return setInterval(() => socket.write(hello.subarray(sent, ++sent)), 1000);
    }
    case 'flooding':
      socket.write(connectPacketOf(`flood-${at}`, rightPassword));
      return setInterval(() => socket.writableLength === 0 && socket.write(floodBytes), floodEveryMs);
    case 'wrong credentials':
      socket.write(connectPacketOf(`honest-${at}`, 'wrong'));
      return undefined;
    case 'half-open':
      return undefined;
    case 'forged address':
      socket.write('PROXY TCP4 127.1.0.1 127.0.0.1 4711 8883\r\n');
      socket.write(
        [
          'GET /mqtt HTTP/1.1',
          'Host: gate',
          'X-Forwarded-For: 127.1.0.1',
          'Forwarded: for=127.1.0.1',
          '',
          '',
        ].join('\r\n'),
      );
      return undefined;
  }
}
