import {connect, type TLSSocket} from 'node:tls';
import {generate, type IConnectPacket, type Packet, parser} from 'mqtt-packet';
import {ConcurrencyLimit} from '../../../src/base/concurrency-limit.js';
import {until} from '../../support/poll.js';
import {rightPassword} from './login-module.js';

const perAddress = 10;
const joiningAtOnce = 40;

/** The address of a client: ten share one, outside those of hostile clients. */
const addressOf = (at: number): string => {
  const place = Math.floor(at / perAddress);
  return `127.1.${Math.floor(place / 250)}.${(place % 250) + 1}`;
};

/** Clients that joined first are idle while thousands of others join. */
const keepAliveSeconds = 120;

export const connectPacketOf = (username: string, password: string): Buffer => {
  const fields: IConnectPacket = {
    ...{cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: username, clean: true},
    ...{keepalive: keepAliveSeconds, username, password: Buffer.from(password)},
  };
  return generate(fields);
};

/** One client over TLS that checks the certificate of the gate, and never connects twice. */
class HonestClient {
  isLost = false;
  pongs = 0;
  private readonly packets = parser();
  private returnCode: number | undefined;

  constructor(private readonly socket: TLSSocket) {
    socket.on('data', (bytes) => this.packets.parse(bytes));
    socket.on('error', () => {});
    socket.once('close', () => {
      this.isLost = true;
    });
    this.packets.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connack') this.returnCode = packet.returnCode;
      if (packet.cmd === 'pingresp') this.pongs += 1;
    });
  }

  /** Resolves with the return code of CONNACK; undefined when the connection was closed before. */
  async join(uid: string): Promise<number | undefined> {
    this.socket.write(connectPacketOf(uid, rightPassword));
    await until(() => this.returnCode !== undefined || this.isLost, {what: 'CONNACK', timeoutMs: 60_000});
    return this.returnCode;
  }

  ping(): void {
    this.socket.write(pingPacket);
  }

  close(): void {
    this.socket.destroy();
  }
}

const pingPacket = generate({cmd: 'pingreq'});

/** Clients that behave, and must keep their sessions. */
export class HonestClients implements Disposable {
  private readonly clients: HonestClient[] = [];
  private readonly pinging = setInterval(() => this.ping(), (keepAliveSeconds / 2) * 1000);

  constructor(
    private readonly port: number,
    private readonly ca: Buffer,
  ) {}

  get lost(): number {
    return this.clients.filter(({isLost}) => isLost).length;
  }

  get count(): number {
    return this.clients.length;
  }

  /** Connects so many more, some at a time. Throws when one is refused. */
  async join(count: number): Promise<void> {
    const limit = new ConcurrencyLimit(joiningAtOnce, count);
    const first = this.clients.length;
    await Promise.all(Array.from({length: count}, (_, at) => limit.run(() => this.joinOne(first + at))));
  }

  /** Resolves with the return code that a newcomer gets; a client that is taken leaves again. */
  async tryJoin(): Promise<number | undefined> {
    const {client, code} = await this.connectOne('newcomer', addressOf(100_000));
    client.close();
    return code;
  }

  /** Sends a PINGREQ for each, and resolves with the time of the last answer in milliseconds. */
  async pingAll(): Promise<number> {
    const started = performance.now();
    const before = this.clients.map(({pongs}) => pongs);
    this.ping();
    const isAnswered = (client: HonestClient, at: number): boolean => client.pongs > (before[at] ?? 0);
    await until(() => this.clients.every((client, at) => client.isLost || isAnswered(client, at)), {
      what: 'all PINGRESP',
      timeoutMs: 60_000,
    });
    return performance.now() - started;
  }

  private ping(): void {
    for (const client of this.clients) client.ping();
  }

  [Symbol.dispose](): void {
    clearInterval(this.pinging);
    for (const client of this.clients) client.close();
  }

  private async joinOne(at: number): Promise<void> {
    const {client, code} = await this.connectOne(`honest-${at}`, addressOf(at));
    if (code !== 0) throw new Error(`honest client ${at} was refused with ${code}`);
    this.clients.push(client);
  }

  private async connectOne(uid: string, localAddress: string) {
    const {port, ca} = this;
    const where = {host: '127.0.0.1', port, ca, localAddress}; // node:tls passes the last one on to node:net
    const socket = connect(where);
    const client = new HonestClient(socket);
    return {client, code: await client.join(uid)};
  }
}
