import {setTimeout as delay} from 'node:timers/promises';
import {ConcurrencyLimit} from '../../base/concurrency-limit.js';
import {errorMessage} from '../../base/error-details.js';
import {clientAddressOfSession} from '../../session/ip-address.js';
import type {AddressLimits} from '../listen/address-limits.js';
import type {TrustedProxies} from '../listen/trusted-proxies.js';
import type {ConnectingClient} from './admission.js';
import {type Admission, type Authenticate, checkedAdmission, refusedAdmission} from './admission.js';

/**
 * Maximum number of concurrent checks: enough for an authentication module, and more than the
 * processors that hash passwords.
 */
const concurrent = 64;
const waiting = 20_000;

interface ThrottledAuthenticatorDeps {
  readonly authenticate: Authenticate;
  readonly addresses: Pick<AddressLimits, 'failed' | 'pauseMs'>;
  readonly proxies: Pick<TrustedProxies, 'has'>;
  /** Maximum size of the settings that a client gets, in bytes. */
  readonly maxSettingsBytes: number;
  readonly log: (line: string) => void;
}

/**
 * Authenticates clients. An address with many failed attempts has to wait before its next attempt
 * is checked.
 */
export class ThrottledAuthenticator {
  private readonly limit = new ConcurrencyLimit(concurrent, waiting);

  constructor(private readonly deps: ThrottledAuthenticatorDeps) {}

  /** Decides on a client. Never rejects. If `isGone` returns true, the client has left and is not checked. */
  async authenticate(client: ConnectingClient, isGone: () => boolean): Promise<Admission> {
    const {addresses, proxies} = this.deps;
    const address = clientAddressOfSession(client.ip, client.network);
    const pauseMs = addresses.pauseMs(address);
    if (pauseMs > 0) await delay(pauseMs, undefined, {ref: false});
    const admission = await this.limit
      .run(async () => (isGone() ? refusedAdmission('unavailable') : await this.ask(client)))
      .catch(() => refusedAdmission('unavailable'));
    const isFailure = !admission.allow && admission.refusal !== 'unavailable';
    if (isFailure && !proxies.has(address)) addresses.failed(address);
    return admission;
  }

  private async ask(client: ConnectingClient): Promise<Admission> {
    try {
      return checkedAdmission(await this.deps.authenticate(client), this.deps.maxSettingsBytes);
    } catch (error) {
      const why = withoutTextsOf(client, errorMessage(error));
      this.deps.log(`authentication failed, the client is refused: ${why}`);
      return refusedAdmission('notAuthorized');
    }
  }
}

/** Masks what the client sent in the message of an error, such as its password. Shorter texts would mask parts of words. */
function withoutTextsOf({password, username, clientId}: ConnectingClient, message: string): string {
  const secret = password === undefined ? undefined : Buffer.from(password).toString();
  const texts = [secret, username, clientId].filter((text) => text !== undefined && text.length >= 4);
  return texts.reduce<string>((masked, text = '') => masked.replaceAll(text, '***'), message);
}
