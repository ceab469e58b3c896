import {UsageError} from '../../base/errors.js';
import {secretNamePattern} from '../../session/secret-names.js';

/** A NATS URL with its credentials extracted: nats.js ignores credentials in URLs, natscli and Go use them. */
export interface ServerUrl {
  /** `host:port`, as the client library needs it. */
  readonly address: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** From a user name without a colon and password. */
  readonly token: string | undefined;
}

/**
 * Parses URLs such as `nats://user:pass@host:4222,tls://host2`. A URL without credentials takes those of the previous
 * URL, or else those of the first URL that has any. Throws UsageError without credentials in its text.
 */
export function parseServerUrls(list: string): readonly ServerUrl[] {
  const urls = list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (urls.length === 0)
    throw new UsageError('no NATS server given', {hint: 'pass --server nats://host:4222'});
  const parsed = urls.map(parseServerUrl);
  let last = parsed.find(hasSignIn);
  return parsed.map((url) => {
    if (hasSignIn(url)) last = url;
    return hasSignIn(url) || last === undefined
      ? url
      : {...url, user: last.user, password: last.password, token: last.token};
  });
}

const hasSignIn = ({user, token}: ServerUrl): boolean => user !== undefined || token !== undefined;

function parseServerUrl(text: string): ServerUrl {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `nats://${text}`;
  let url: URL;
  try {
    url = new URL(withScheme.replace(/^[a-z]+:/i, (scheme) => (scheme === 'tls:' ? 'https:' : scheme)));
  } catch {
    throw new UsageError(`invalid NATS URL "${redactUrls(text)}"`, {
      hint: 'for example nats://127.0.0.1:4222',
    });
  }
  if (url.hostname === '' || url.port === '0')
    throw new UsageError(`invalid NATS URL "${redactUrls(text)}"`, {
      hint: 'for example nats://127.0.0.1:4222',
    });
  const scheme = withScheme.slice(0, withScheme.indexOf(':')).toLowerCase();
  if (scheme !== 'nats' && scheme !== 'tls') {
    throw new UsageError(`invalid NATS URL "${redactUrls(text)}": expected the scheme nats or tls`);
  }
  const user = decoded(url.username);
  const hasPassword = userInfo(withScheme).includes(':');
  return {
    address: `${url.hostname}:${url.port === '' ? '4222' : url.port}`,
    port: url.port === '' ? 4222 : Number(url.port),
    host: url.hostname.replace(/^\[|\]$/g, ''),
    tls: scheme === 'tls',
    user: user !== '' && hasPassword ? user : undefined,
    password: hasPassword ? decoded(url.password) : undefined,
    token: user !== '' && !hasPassword ? user : undefined,
  };
}

/** Returns `user:password` of a URL. It ends at the last `@` before the path, because a user name may contain `@`. */
function userInfo(url: string): string {
  const [authority = ''] = url.slice(url.indexOf('//') + 2).split('/', 1);
  return authority.slice(0, Math.max(0, authority.lastIndexOf('@')));
}

function decoded(userinfo: string): string {
  try {
    return decodeURIComponent(userinfo);
  } catch {
    throw new UsageError('the credentials in the NATS URL are not correctly percent-encoded', {
      hint: 'write "%" as %25, or use GATECTL_PASSWORD',
    });
  }
}

/**
 * Masks the credentials of each URL in a text, up to the last `@` because a password may contain a slash, and the
 * values of parameters that are named like secrets.
 */
export function redactUrls(text: string): string {
  return text
    .split(/([\s,]+)/)
    .map((word) => {
      const end = Math.max(word.lastIndexOf('@'), word.lastIndexOf('%40'));
      if (end < 0) return maskSecretParameters(word);
      const [before = ''] = /^["'(]*(?:[a-z][a-z0-9+.-]*:\/\/)?/i.exec(word) ?? [];
      return maskSecretParameters(`${before.slice(0, end)}***${word.slice(end)}`);
    })
    .join('');
}

/** Masks the values of URL parameters that are named like secrets. */
export function maskSecretParameters(url: string): string {
  return url.replaceAll(/([?&;#][^=?&;#,]*=)[^?&;#,]*/g, (whole, name: string) =>
    secretNamePattern.test(name) ? `${name}***` : whole,
  );
}
