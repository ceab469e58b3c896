import {setTimeout as delay} from 'node:timers/promises';
import {ConcurrencyLimit} from '../../base/concurrency-limit.js';
import {clientAddressIn} from '../../session/ip-address.js';
import type {AddressLimits} from '../listen/address-limits.js';
import type {TrustedProxies} from '../listen/trusted-proxies.js';
import type {ConnectingClient} from './admission.js';
import {type Admission, type Authenticate, refused} from './admission.js';

/** Checks under way at once: enough for a module, and more than the processors have for password hashes. */
const concurrent = 64;
const waiting = 20_000;

interface SignInsDeps {
  readonly authenticate: Authenticate;
  readonly addresses: Pick<AddressLimits, 'failed' | 'pauseMs'>;
  readonly proxies: Pick<TrustedProxies, 'has'>;
}

/** Judges clients: each address that was refused often waits before its next one is judged. */
export class SignIns {
  private readonly limit = new ConcurrencyLimit(concurrent, waiting);

  constructor(private readonly deps: SignInsDeps) {}

  /** Never rejects. A client that `isGone` meanwhile is not judged. */
  async judge(client: ConnectingClient, isGone: () => boolean): Promise<Admission> {
    const {addresses, proxies} = this.deps;
    const address = clientAddressIn(client.ip, client.network);
    const pauseMs = addresses.pauseMs(address);
    if (pauseMs > 0) await delay(pauseMs, undefined, {ref: false});
    const admission = await this.limit
      .run(async () => (isGone() ? refused('unavailable') : await this.ask(client)))
      .catch(() => refused('unavailable'));
    const isFailure = !admission.allow && admission.refusal !== 'unavailable';
    if (isFailure && !proxies.has(address)) addresses.failed(address);
    return admission;
  }

  private async ask(client: ConnectingClient): Promise<Admission> {
    try {
      const judged = await this.deps.authenticate(client);
      if (typeof judged === 'boolean') return {allow: judged};
      return typeof judged === 'object' && judged?.allow === true
        ? judged
        : refused(judged?.refusal ?? 'notAuthorized');
    } catch {
      return refused('notAuthorized');
    }
  }
}
