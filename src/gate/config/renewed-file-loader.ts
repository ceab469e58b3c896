import {unwatchFile, watchFile} from 'node:fs';
import {isDeepStrictEqual} from 'node:util';
import {messageAndHint} from '../../base/error-details.js';
import {authenticationFiles} from '../admission/authentication-config.js';
import type {ListenerTls} from '../listen/listener-options.js';
import {type GateConfig, loadListenerOptions} from '../node/gate-config.js';
import type {Gate} from '../node/running-gate.js';
import {tlsFileNames} from './tls-files.js';

type RenewableGate = Pick<Gate, 'renewCertificates' | 'reloadAuthentication'>;

/**
 * Loads certificates, passwords and keys that have changed on disk into the running gate, without closing
 * connections.
 */
export class RenewedFileLoader {
  private last: Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>> | undefined;
  private stopWatching = (): void => {};

  /** `started` has the certificates with which the gate was started. */
  constructor(
    private readonly gate: RenewableGate,
    private readonly log: (line: string) => void,
    started: Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>>,
  ) {
    this.last = started;
  }

  /** Reads the certificates of a config. If one is invalid, logs that and keeps the current ones. */
  async renew(config: GateConfig): Promise<void> {
    try {
      const [tcp, ws] = [await loadListenerOptions('tcp', config), await loadListenerOptions('ws', config)];
      const fresh = {...(tcp?.tls && {tcp: tcp.tls}), ...(ws?.tls && {ws: ws.tls})};
      if (isDeepStrictEqual(fresh, this.last)) return;
      this.gate.renewCertificates(fresh);
      this.last = fresh;
      this.log('certificates renewed: new connections use them');
    } catch (error) {
      this.log(`certificates not renewed, the gate keeps the current ones: ${messageAndHint(error)}`);
    }
  }

  /** Reads the files of `authenticate` again. If one is invalid, logs that and keeps the current contents. */
  async reload(): Promise<void> {
    try {
      await this.gate.reloadAuthentication();
      this.log('authentication reloaded: it applies to clients that connect from now on');
    } catch (error) {
      this.log(`authentication not reloaded, the gate keeps the current one: ${messageAndHint(error)}`);
    }
  }

  /** Renews certificates and reloads authentication whenever one of their files changes, until `stop`. */
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
 * Calls `onChange` within 2 s after one of the files has changed, or a link to it points elsewhere, as in a mounted
 * Kubernetes secret. Returns a function that stops watching.
 */
function watchFiles(names: readonly string[], onChange: () => void): () => void {
  const listener = (): void => onChange();
  for (const name of names) watchFile(name, {interval: everyMs, persistent: false}, listener);
  return () => {
    for (const name of names) unwatchFile(name, listener);
  };
}
