import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net';
import {BSON, type Document} from 'mongodb';

const [opReply, opQuery, opMsg] = [1, 2004, 2013];
/** Header, flags, and the kind of the first section, which is the command. */
const bodyAt = 21;
/** Header, flags, cursor, and the place and number of the documents of an old reply, which the first hello gets. */
const oldBodyAt = 36;

/** A way between a client and a server of MongoDB that notes the commands, and may answer some in the server's place. */
export class MongoProxy implements AsyncDisposable {
  readonly commands: Document[] = [];
  /** The reply to a command; undefined to ask the server. */
  answer: (command: Document) => Document | undefined = () => undefined;
  private readonly sockets = new Set<Socket>();
  private replies = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (near) => this.carry(near));
  }

  static async start(target: number): Promise<MongoProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MongoProxy(server, target);
  }

  get url(): string {
    return `mongodb://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Names of the commands, without those that keep a connection. */
  get names(): readonly string[] {
    return this.commands
      .map((command) => Object.keys(command)[0] ?? '')
      .filter((name) => !/^(?:hello|ismaster|endSessions)$/i.test(name));
  }

  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private carry(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    let rest: Buffer = Buffer.alloc(0);
    near.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
        const message = rest.subarray(0, rest.readInt32LE(0));
        rest = rest.subarray(message.length);
        const reply = this.replyTo(message);
        if (reply === undefined) far.write(message);
        else near.write(reply);
      }
    });
    far.on('data', (chunk) => near.write(chunk));
  }

  private replyTo(message: Buffer): Buffer | undefined {
    const isOld = message.readInt32LE(12) === opQuery;
    if (!isOld && message.readInt32LE(12) !== opMsg) return undefined;
    const start = isOld ? message.indexOf(0, 20) + 9 : bodyAt; // after the name, a skip and a limit
    const command = BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)));
    this.commands.push(command);
    const answer = this.answer(command);
    if (answer === undefined) return undefined;
    const body = BSON.serialize(answer);
    const replyAt = isOld ? oldBodyAt : bodyAt;
    const reply = Buffer.alloc(replyAt + body.length);
    this.replies += 1;
    const head = [reply.length, this.replies, message.readInt32LE(4), isOld ? opReply : opMsg];
    for (const [at, value] of head.entries()) reply.writeInt32LE(value, at * 4);
    if (isOld) reply.writeInt32LE(1, oldBodyAt - 4);
    reply.set(body, replyAt);
    return reply;
  }
}
