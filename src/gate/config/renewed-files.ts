import {unwatchFile, watchFile} from 'node:fs';
import {isDeepStrictEqual} from 'node:util';
import {messageAndHint} from '../../base/error-details.js';
import {authenticationFiles} from '../admission/authentication-config.js';
import type {ListenerTls} from '../listen/listener-options.js';
import {type GateConfig, listenerOf} from '../node/gate-config.js';
import type {Gate} from '../node/running-gate.js';
import {tlsFileNames} from './tls-files.js';

type RenewableGate = Pick<Gate, 'renewCertificates' | 'reloadAuthentication'>;

/** Loads certificates, passwords and keys that changed on disk into the running gate, without closing connections. */
export class RenewedFiles {
  private last: Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>> | undefined;
  private stopWatching = (): void => {};

  /** `started` is the config that the gate was started with. */
  constructor(
    private readonly gate: RenewableGate,
    private readonly log: (line: string) => void,
    started: Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>>,
  ) {
    this.last = started;
  }

  /** Reads the files of a config. Logs an invalid file, and keeps the current certificates. */
  async renew(config: GateConfig): Promise<void> {
    try {
      const [tcp, ws] = [await listenerOf('tcp', config), await listenerOf('ws', config)];
      const fresh = {...(tcp?.tls && {tcp: tcp.tls}), ...(ws?.tls && {ws: ws.tls})};
      if (isDeepStrictEqual(fresh, this.last)) return;
      this.gate.renewCertificates(fresh);
      this.last = fresh;
      this.log('certificates renewed: new connections get them');
    } catch (error) {
      this.log(`certificates not renewed, the gate keeps those it has: ${messageAndHint(error)}`);
    }
  }

  /** Reads the files of `authenticate` again. */
  async reload(): Promise<void> {
    try {
      await this.gate.reloadAuthentication();
      this.log('authentication reloaded: clients that connect from now on are checked with it');
    } catch (error) {
      this.log(`authentication not reloaded, the gate keeps what it has: ${messageAndHint(error)}`);
    }
  }

  /** Renews after each change of a file in the config, until `stop`. */
  watch({tls, authenticate, ...config}: GateConfig): void {
    this.stop();
    const all = {...config, tls, authenticate};
    const stops = [
      watchFiles(tls === undefined ? [] : tlsFileNames(tls), () => void this.renew(all)),
      watchFiles(
        authenticate === undefined ? [] : authenticationFiles(authenticate),
        () => void this.reload(),
      ),
    ];
    this.stopWatching = () => {
      for (const stop of stops) stop();
    };
  }

  stop(): void {
    this.stopWatching();
    this.stopWatching = () => {};
  }
}

const everyMs = 2_000;

/**
 * Calls `onChange` within 2 s of a change to one of the files, including a link that points elsewhere, as in
 * a mounted Kubernetes secret. Returns a function that stops it.
 */
function watchFiles(names: readonly string[], onChange: () => void): () => void {
  const listener = (): void => onChange();
  for (const name of names) watchFile(name, {interval: everyMs, persistent: false}, listener);
  return () => {
    for (const name of names) unwatchFile(name, listener);
  };
}
