import {GatectlError, PermissionError, UnreachableError, UsageError} from '../../base/errors.js';
import {afterTimeout} from '../../base/signals.js';
import {redactUrls} from '../../bus/connect/server-url.js';
import {fetchFailure} from './fetch-failure.js';

export interface EndpointsOptions {
  /** As it reads after "cannot reach": `etcd`, `consul`. */
  readonly what: string;
  /** `http://127.0.0.1:2379`: tried in this order, beginning with the one that answered last. */
  readonly urls: readonly string[];
  /** For all of them together. */
  readonly timeoutMs: number;
}

/** The servers of a registry, of which any may answer. */
export class Endpoints {
  private first = 0;

  constructor(private readonly options: EndpointsOptions) {}

  /**
   * Passes one after the other to `ask` until one answers; each gets its share of the time. A GatectlError is an answer,
   * except that each endpoint has a sign-in of its own, and one that refuses it does not speak for the next. Whatever else
   * is thrown is the endpoint's trouble. `heldMs` is how long it may hold an answer back on purpose. When all fail, rejects
   * with PermissionError if one refused, else with UnreachableError.
   */
  async any<T>(
    signal: AbortSignal | undefined,
    ask: (endpoint: string, signal: AbortSignal) => Promise<T>,
    heldMs = 0,
  ): Promise<T> {
    const {urls, timeoutMs} = this.options;
    const end = performance.now() + timeoutMs;
    let failure: unknown;
    for (let tried = 0; tried < urls.length; tried += 1) {
      const at = (this.first + tried) % urls.length;
      const share = Math.max(1, (end - performance.now()) / (urls.length - tried)) + heldMs;
      try {
        const answer = await within(share, signal, (both) => onceMore(both, () => ask(urls[at] ?? '', both)));
        this.first = at;
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof GatectlError && !(error instanceof PermissionError)) throw error;
        if (!(failure instanceof PermissionError))
          failure = error instanceof PermissionError ? error : (failure ?? error);
      }
    }
    if (failure instanceof PermissionError) throw failure;
    throw new UnreachableError(`cannot reach ${this.name}: ${fetchFailure(failure)}`, {
      hint: 'is --registry right?',
      cause: failure,
    });
  }

  /** For messages. */
  get name(): string {
    return `${this.options.what} ${this.options.urls.join(', ')}`;
  }
}

/**
 * Asks again when the connection is cut: a kept-alive one may have been closed since it was used last, which says nothing
 * of the server. All that is asked of a registry may be asked twice.
 */
async function onceMore<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const {code} = ((error as Error | undefined)?.cause ?? {}) as {readonly code?: string};
    if (signal.aborted || !cutCodes.includes(code ?? '')) throw error;
    return await ask();
  }
}

const cutCodes: readonly string[] = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** A deadline for what is asked; a stream that it resolves with goes on after it, until the signal aborts. */
async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const stopDeadline = afterTimeout(ms, () =>
    late.abort(new DOMException('no answer in time', 'TimeoutError')),
  );
  try {
    return await ask(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } finally {
    stopDeadline();
  }
}

export interface EndpointForm {
  /** `etcd`, `consul`; with an `s` behind it over TLS. */
  readonly what: string;
  readonly port: number;
  /** Over TLS whatever the URL says. */
  readonly tls: boolean;
}

export interface RegistryUrl {
  readonly urls: readonly string[];
  /** What stands before the `@` of each URL, percent-encoded as it was. */
  readonly userinfo: ReadonlyMap<string, string>;
}

/**
 * Parses `etcd://user:password@host:2379,other:secret@host2` and the like. A host without userinfo takes that of the host
 * before it. Throws UsageError, never with the userinfo in it.
 */
export function parseRegistryUrl(url: string, {what, port, tls}: EndpointForm): RegistryUrl {
  const [, secure = '', rest = ''] = new RegExp(`^${what}(s?)://(.*?)/?$`, 'is').exec(url) ?? [];
  const scheme = tls || secure !== '' ? 'https' : 'http';
  const userinfo = new Map<string, string>();
  let last: string | undefined;
  const urls = rest.split(',').map((entry) => {
    const at = entry.lastIndexOf('@');
    const host = entry.slice(at + 1);
    if (
      !/^(\[[0-9a-f:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/i.test(host) ||
      !URL.canParse(`http://${host}`) ||
      /:0+$/.test(host)
    ) {
      const shown = rest.includes('@') && at < 0 ? '***' : redactUrls(host); // it may be a part of a password
      throw new UsageError(`"${shown}" is no ${what} host`, {
        hint: `like ${what}://127.0.0.1:${port}; write "," in a password as %2C`,
      });
    }
    const endpoint = `${scheme}://${/:\d+$/.test(host) ? host : `${host}:${port}`}`;
    if (at >= 0) last = entry.slice(0, at);
    if (last !== undefined) userinfo.set(endpoint, last);
    return endpoint;
  });
  const [first] = userinfo.values();
  if (first !== undefined) for (const one of urls) if (!userinfo.has(one)) userinfo.set(one, first);
  return {urls, userinfo};
}
