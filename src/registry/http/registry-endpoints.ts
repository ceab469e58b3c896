import {afterTimeout} from '../../base/abort-signals.js';
import {errorCode, networkErrorText} from '../../base/error-details.js';
import {GatectlError, PermissionError, UnreachableError, UsageError} from '../../base/errors.js';
import {redactUrls} from '../../bus/connect/server-url.js';

interface EndpointsOptions {
  /** Name of the registry in messages: `etcd` or `consul`. */
  readonly what: string;
  /** URLs such as `http://127.0.0.1:2379`, tried in order, beginning with the one that last answered. */
  readonly urls: readonly string[];
  /** Timeout for all endpoints together. */
  readonly timeoutMs: number;
}

/** The servers of a registry, tried in turn until one answers. */
export class RegistryEndpoints {
  private first = 0;

  constructor(private readonly options: EndpointsOptions) {}

  /**
   * Calls `ask` with one endpoint after the other until one answers; each gets a share of the timeout. A GatectlError
   * counts as an answer, except PermissionError, because each endpoint has its own credentials. `heldMs` is how long
   * a long poll may delay its reply. If all endpoints fail, rejects with PermissionError if one refused access, else
   * with UnreachableError.
   */
  async any<T>(
    signal: AbortSignal | undefined,
    ask: (endpoint: string, signal: AbortSignal) => Promise<T>,
    heldMs = 0,
  ): Promise<T> {
    const {urls, timeoutMs} = this.options;
    const end = performance.now() + timeoutMs;
    let refusal: PermissionError | undefined;
    const failures: unknown[] = [];
    for (let tried = 0; tried < urls.length; tried += 1) {
      const at = (this.first + tried) % urls.length;
      const share = Math.max(1, (end - performance.now()) / (urls.length - tried)) + heldMs;
      try {
        const answer = await within(share, signal, (both) =>
          withRetry(both, () => ask(urls[at] ?? '', both)),
        );
        this.first = at;
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof GatectlError && !(error instanceof PermissionError)) throw error;
        if (error instanceof PermissionError) refusal ??= error;
        else failures.push(error);
      }
    }
    throw refusal ?? this.unreachable(failures);
  }

  /** Creates the error if no endpoint answered. It has each reason once, in the order of the endpoints. */
  private unreachable(failures: readonly unknown[]): UnreachableError {
    const {what, urls} = this.options;
    const reasons = [...new Set(failures.map(fetchFailure))];
    const health = what === 'consul' ? '/v1/status/leader' : '/health';
    return new UnreachableError(`cannot reach ${this.name}: ${reasons.join(', ')}`, {
      hint: `check --registry, and the server: curl ${urls[0]}${health}`,
      cause: failures[0],
    });
  }

  /** Text for display, without credentials. */
  get name(): string {
    return `${this.options.what} ${this.options.urls.join(', ')}`;
  }
}

/**
 * Retries once if the connection breaks: an idle keep-alive connection may have been closed. Requests to a registry
 * are idempotent.
 */
async function withRetry<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const {code} = ((error as Error | undefined)?.cause ?? {}) as {readonly code?: string};
    if (signal.aborted || !cutCodes.includes(code ?? '')) throw error;
    return await ask();
  }
}

const cutCodes: readonly string[] = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** Applies a timeout to a request. A stream in its result continues until the signal aborts. */
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

interface EndpointForm {
  /** Scheme of the URL: `etcd` or `consul`, followed by `s` for TLS. */
  readonly what: string;
  readonly port: number;
  /** Uses TLS regardless of the scheme. */
  readonly tls: boolean;
}

interface RegistryUrl {
  readonly urls: readonly string[];
  /** Credentials by URL, still percent-encoded. */
  readonly userinfo: ReadonlyMap<string, string>;
}

/**
 * Parses URLs such as `etcd://user:password@host:2379,other:secret@host2`. A host without credentials takes those of
 * the previous host. Throws UsageError without the credentials.
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
      const shown = rest.includes('@') && at < 0 ? '***' : redactUrls(host); // may be part of a password
      throw new UsageError(`invalid ${what} host "${shown}"`, {
        hint: `for example ${what}://127.0.0.1:${port}; write "," in a password as %2C`,
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

const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is from an untrusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is from an untrusted authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is from an untrusted authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is from an untrusted authority',
};

/** Describes why a request to a registry failed. */
function fetchFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const code = errorCode(error.cause);
  if (code === undefined) return error.message;
  return networkErrorText(error.cause) ?? certificateFaults[code] ?? code;
}
