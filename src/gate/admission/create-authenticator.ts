import {createHmac, randomBytes} from 'node:crypto';
import {clientAddressOfSession} from '../../session/ip-address.js';
import type {Admission, Authenticate, Authenticator, ConnectingClient} from './admission.js';
import type {AuthenticationConfig} from './authentication-config.js';
import {certificateAuthenticator} from './certificate-authenticator.js';
import {type ModuleAuthenticatorDeps, moduleAuthenticator} from './module-authenticator.js';

/** Opens the configured authenticator. Rejects with UsageError if one of its files can't be used. */
export async function createAuthenticator(
  config: AuthenticationConfig | Authenticate,
  deps: ModuleAuthenticatorDeps & {readonly now: () => number},
): Promise<Authenticator> {
  if (typeof config === 'function') return {authenticate: config, reload: async () => {}};
  const opened = await opener(config, deps);
  const {cacheSeconds} = config;
  if (cacheSeconds === undefined) return opened;
  const cache = new AdmissionCache(opened.authenticate, cacheSeconds * 1000, deps.now);
  return {
    ...opened,
    authenticate: (client) => cache.authenticate(client),
    reload: async () => {
      await opened.reload();
      cache.clear();
    },
  };
}

/** Returns how clients are authenticated, as one word. */
export function authenticationKind(config: AuthenticationConfig | Authenticate | undefined): string {
  if (config === undefined) return 'none';
  if (typeof config === 'function') return 'custom';
  if ('function' in config) return 'module';
  if ('certificate' in config) return 'certificate';
  return 'jwt' in config ? 'jwt' : 'password-file';
}

async function opener(config: AuthenticationConfig, deps: ModuleAuthenticatorDeps): Promise<Authenticator> {
  if ('function' in config) return moduleAuthenticator(config, deps);
  if ('certificate' in config) return certificateAuthenticator(config.certificate);
  if ('jwt' in config) return await (await import('./jwt-authenticator.js')).jwtAuthenticator(config.jwt);
  return await (await import('./password-file-authenticator.js')).passwordFileAuthenticator(config);
}

const maxCached = 100_000;

/** Caches admissions by the client's credentials. Refusals are not cached. */
class AdmissionCache {
  private readonly entries = new Map<string, {readonly admission: Admission; readonly until: number}>();
  /** Key for hashing the credentials, so that a memory dump contains none. */
  private readonly key = randomBytes(32);
  /** Number of clears: a decision by the files before a clear must not be kept after it. */
  private clears = 0;

  constructor(
    private readonly inner: Authenticate,
    private readonly ttlMs: number,
    private readonly now: () => number,
  ) {}

  async authenticate(client: ConnectingClient): Promise<boolean | Admission> {
    const name = this.nameOf(client);
    const cached = this.entries.get(name);
    if (cached !== undefined && cached.until > this.now()) return cached.admission;
    this.entries.delete(name);
    const {clears} = this;
    const decision = await this.inner(client);
    const admission = typeof decision === 'boolean' ? {allow: decision} : decision;
    if (admission.allow && clears === this.clears) this.keep(name, admission);
    return admission;
  }

  clear(): void {
    this.clears += 1;
    this.entries.clear();
  }

  private keep(name: string, admission: Admission): void {
    if (this.entries.size >= maxCached) this.entries.clear();
    const until = Math.min(this.now() + this.ttlMs, admission.expiresAt ?? Number.POSITIVE_INFINITY);
    this.entries.set(name, {admission, until});
  }

  private nameOf({clientId, username, password, ip, network, certificate}: ConnectingClient): string {
    const address = clientAddressOfSession(ip, network);
    const seen = [clientId, username ?? null, password && Buffer.from(password).toString('base64'), address];
    return createHmac('sha256', this.key)
      .update(JSON.stringify([...seen, certificate?.fingerprint ?? null]))
      .digest('base64');
  }
}
