import {isDeepStrictEqual} from 'node:util';
import {type GateConfig, listenerOf} from '../node/gate-config.js';
import type {ListenerTls} from '../node/gate-options.js';
import type {Gate} from '../node/start-gate.js';
import {tlsFileNames} from './tls-files.js';
import {watchFiles} from './watched-files.js';

type RenewableGate = Pick<Gate, 'renewCertificates'>;

/** Takes certificates that have changed on disk into a running gate, without an end of a connection. */
export class RenewedFiles {
  private last: Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>> | undefined;
  private stopWatching = (): void => {};

  /** `started` is what the gate was started with. */
  constructor(
    private readonly gate: RenewableGate,
    private readonly log: (line: string) => void,
    started: Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>>,
  ) {
    this.last = started;
  }

  /** Reads the files of a config. A file that can't be used is logged, and the gate keeps what it has. */
  async renew(config: GateConfig): Promise<void> {
    try {
      const [tcp, ws] = [await listenerOf('tcp', config), await listenerOf('ws', config)];
      const fresh = {...(tcp?.tls && {tcp: tcp.tls}), ...(ws?.tls && {ws: ws.tls})};
      if (isDeepStrictEqual(fresh, this.last)) return;
      this.gate.renewCertificates(fresh);
      this.last = fresh;
      this.log('certificates renewed: new connections get them');
    } catch (error) {
      this.log(`certificates not renewed, the gate keeps those it has: ${(error as Error).message}`);
    }
  }

  /** Renews whenever a file of the config changes, until `stop`. */
  watch(config: GateConfig): void {
    this.stop();
    if (config.tls === undefined) return;
    this.stopWatching = watchFiles(tlsFileNames(config.tls), () => void this.renew(config));
  }

  stop(): void {
    this.stopWatching();
    this.stopWatching = () => {};
  }
}
