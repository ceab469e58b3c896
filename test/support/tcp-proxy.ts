import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net';

/** How a network treats connections: it carries bytes, it swallows them in silence, or it refuses and resets. */
export type Weather = 'clear' | 'stalled' | 'cut';

/** A network between two programs that can fail: a port in front of another one. */
export class TcpProxy implements AsyncDisposable {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private weather: Weather = 'clear';
  /** Connections that were refused. */
  refused = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: () => number,
  ) {
    server.on('connection', (near) => this.carry(near));
  }

  /** The target may listen on another port later. */
  static async start(target: () => number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  set(weather: Weather): void {
    this.weather = weather;
    for (const pair of this.pairs) this.apply(pair);
  }

  private carry(near: Socket): void {
    if (this.weather === 'cut') {
      this.refused += 1;
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.target(), '127.0.0.1');
    const pair = [near, far] as const;
    this.pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => near.write(bytes));
    this.apply(pair);
  }

  private apply(pair: readonly [Socket, Socket]): void {
    for (const socket of pair) {
      if (this.weather === 'cut') socket.resetAndDestroy();
      else if (this.weather === 'stalled') socket.pause();
      else socket.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.server.close();
  }
}
