import {UsageError} from '../base/errors.js';
import {maskSecretParameters} from '../bus/connect/server-url.js';
import {secretNamePattern} from '../session/secret-names.js';

const unitMs: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/** Query parameters of a store's URL. */
export class StoreParameters {
  private readonly values: URLSearchParams;

  constructor(
    private readonly url: string,
    query: string,
    known: readonly string[],
  ) {
    this.values = new URLSearchParams(query);
    for (const name of this.values.keys()) {
      if (this.values.getAll(name).length > 1)
        throw new UsageError(`the parameter "${name}" appears twice in "${maskStoreCredentials(url)}"`);
      if (known.includes(name)) continue;
      throw new UsageError(`unknown parameter "${name}" in store URL "${maskStoreCredentials(url)}"`, {
        hint: known.length === 0 ? 'this store has no parameters' : `known parameters: ${known.join(', ')}`,
      });
    }
  }

  text(name: string): string | undefined {
    return this.values.get(name) ?? undefined;
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const text = this.values.get(name) ?? otherwise;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new UsageError(`invalid ${name} "${text}" in a store URL`, {hint: choices.join(', ')});
  }

  /**
   * Parses `30s`, `10m`, `12h` or `7d`. Returns milliseconds, at least 1,000; undefined if there is no such
   * parameter.
   */
  durationMs(name: string): number | undefined {
    const text = this.values.get(name);
    if (text === null) return undefined;
    const [, count = '', unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
    const ms = Number(count) * (unitMs[unit] ?? Number.NaN);
    if (ms >= 1000 && ms <= maxMs) return ms;
    throw new UsageError(`invalid ${name} "${text}" for the store "${maskStoreCredentials(this.url)}"`, {
      hint: 'write it as 30s, 10m, 12h or 7d; at least 1s, at most 36500d',
    });
  }
}

/** Maximum time to live: a hundred years. */
const maxMs = 36_500 * 86_400_000;

/**
 * Masks the value of a parameter whose name suggests a secret. `password-file` and `sentinel-password-file` are
 * paths.
 */
const maskSecret = (whole: string, separator: string, name: string): string =>
  secretNamePattern.test(name) && !name.endsWith('password-file') ? `${separator}${name}=***` : whole;

/** Splits a URL into the part before `?` and the query. */
export function splitQuery(url: string): readonly [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** Masks the properties of MongoDB authentication, which may contain a session token. */
const withoutProperties = (url: string): string =>
  url.replaceAll(/(authMechanismProperties=)[^&]*/gi, '$1***');

/**
 * Masks a URL's credentials. A password that is not percent-encoded may contain any character, even `?`, so
 * everything before the last `@` is masked; only a known parameter ends the search.
 */
export function maskStoreCredentials(url: string): string {
  if (/^(?:file|memory|jsonfile):/i.test(url))
    return maskSecretParameters(url.replace(/^((?:json)?file:\/\/)[^/]*@/i, '$1***@'));
  const end = url.search(
    /\?(?:key|hash|field|encoding|ttl|(?:sentinel-)?password-file|database|collection|authSource|replicaSet)=/,
  );
  const [address, query] = end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end)];
  const shown = withoutProperties(address).replace(/^([a-z+]+:\/{0,2}|[a-z+]+\/\/|).*(@|%40)/is, '$1***$2');
  return `${maskSecretParameters(shown)}${query.replaceAll(/([?&])([^=&]+)=[^&]*/g, maskSecret)}`;
}
