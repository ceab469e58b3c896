// Real MQTT clients that play: log in, take seats, win games, leave and come back.
import {connect as connectTcp, type Socket} from 'node:net';
import {generate, type Packet, parser} from 'mqtt-packet';
import {type RandomSource, seededRandom} from '../../src/dev/clients/seeded-random.js';

/** What came of all that clients asked. */
export interface LoadCounts {
  connects: number;
  asked: number;
  answered: number;
  errors: number;
  pushes: number;
}

class Player {
  readonly socket: Socket;
  private readonly packets = parser();

  constructor(
    port: number,
    readonly uid: string,
    private readonly counts: LoadCounts,
  ) {
    this.socket = connectTcp(port, '127.0.0.1').setNoDelay(true);
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes) => this.packets.parse(bytes as Buffer));
    this.packets.on('packet', (packet) => this.heard(packet));
    this.send({
      cmd: 'connect',
      clientId: uid,
      clean: true,
      keepalive: 60,
      protocolId: 'MQTT',
      protocolVersion: 4,
    } as Packet);
    counts.connects += 1;
  }

  ask(fn: string, body: object): void {
    if (this.socket.destroyed) return;
    this.counts.asked += 1;
    const payload = JSON.stringify(body);
    this.send({cmd: 'publish', topic: `HelloWorld/${fn}/1`, payload, qos: 0, dup: false, retain: false});
  }

  private send(packet: Packet): void {
    this.socket.write(generate(packet));
  }

  private heard(packet: Packet): void {
    if (packet.cmd === 'connack') this.ask('HD_login', {uid: this.uid});
    if (packet.cmd !== 'publish') return;
    if (!packet.topic.startsWith('HelloWorld/')) {
      this.counts.pushes += 1;
      return;
    }
    this.counts.answered += 1;
    if (!packet.payload.toString().includes('"Error":""')) this.counts.errors += 1;
  }
}

export interface LoadOptions {
  /** TCP ports of the gates. */
  readonly ports: readonly number[];
  readonly clients: number;
  /** Questions and comings and goings, a second. */
  readonly asksPerSecond: number;
  readonly churnPerSecond: number;
}

/** Plays until it is stopped. The users are always the same, so that what is stored does not grow. */
export function startLoad({ports, clients, asksPerSecond, churnPerSecond}: LoadOptions): {
  readonly counts: LoadCounts;
  stop(): void;
} {
  const random: RandomSource = seededRandom(1);
  const counts: LoadCounts = {connects: 0, asked: 0, answered: 0, errors: 0, pushes: 0};
  const join = (at: number): Player => new Player(ports[at % ports.length] ?? 0, `player-${at}`, counts);
  const players = Array.from({length: clients}, (_, at) => join(at));
  const some = (): number => Math.floor(random() * clients);
  const questions: readonly ((player: Player) => void)[] = [
    (player) => player.ask('HD_say', {name: player.uid}),
    (player) => player.ask('HD_room', {room: `room-${some() % 20}`}),
    (player) => player.ask('HD_level', {level: String(some())}),
    (player) => player.ask('HD_whoami', {}),
    (player) => player.ask('HD_leave', {}),
  ];
  const tickMs = 50;
  let owed = 0;
  let leaving = 0;
  const timer = setInterval(() => {
    owed += (asksPerSecond * tickMs) / 1000;
    for (; owed >= 1; owed -= 1) {
      const player = players[some()];
      if (player !== undefined) questions[some() % questions.length]?.(player);
    }
    leaving += (churnPerSecond * tickMs) / 1000;
    for (; leaving >= 1; leaving -= 1) {
      const at = some();
      players[at]?.socket.destroy();
      players[at] = join(at);
    }
  }, tickMs);
  return {
    counts,
    stop() {
      clearInterval(timer);
      for (const {socket} of players) socket.destroy();
    },
  };
}
