import type {IncomingMessage} from 'node:http';
import {isIP} from 'node:net';
import {UsageError} from '../../../base/errors.js';

/**
 * Returns why to refuse a request; undefined if every host name in it is a loopback name or an allowed name. Guards against
 * DNS rebinding: a web page whose own name resolves to 127.0.0.1 reaches a local server, but sends that name as the host.
 */
export function hostRefusalReason(
  request: IncomingMessage,
  targetHost: string | undefined,
  allowed: readonly string[],
): string | undefined {
  const {host = [], origin = []} = request.headersDistinct;
  if (host.length !== 1) return `${host.length === 0 ? 'no' : 'more than one'} Host header`;
  const named = [...host, ...origin.map(originHost), ...(targetHost === undefined ? [] : [targetHost])];
  return named.every((one) => isAllowed(one, allowed))
    ? undefined
    : 'host name not allowed; to allow it, start gatectl metrics with --allow-host <name>';
}

/** Splits a request target, which is a path or an absolute URL, into its host and path. */
export function parseRequestTarget(url: string): {readonly host: string | undefined; readonly path: string} {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [undefined, undefined, url];
  return {host, path: rest.split('?')[0] ?? ''};
}

/** Parses the value of --allow-host: a host name or address, optionally with a port. Throws UsageError. */
export function parseAllowedHost(text: string): string {
  if (authority.test(text)) return text.toLowerCase();
  throw new UsageError(`invalid host "${text}": expected a name or address, optionally with a port`, {
    hint: 'for example --allow-host metrics.example.com',
  });
}

const authority = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i;

function originHost(origin: string): string {
  return /^https?:\/\/([^/?#]*)$/i.exec(origin)?.[1] ?? '';
}

function isAllowed(text: string, allowed: readonly string[]): boolean {
  const [whole, name = ''] = authority.exec(text.toLowerCase()) ?? [];
  if (whole === undefined) return false;
  return isLoopback(name) || allowed.includes(whole) || allowed.includes(name);
}

/** Whether a host is `localhost`, an address in 127.0.0.0/8, or `::1` in any notation. */
function isLoopback(name: string): boolean {
  if (name === 'localhost') return true;
  if (name.startsWith('['))
    return URL.canParse(`http://${name}`) && new URL(`http://${name}`).hostname === '[::1]';
  return isIP(name) === 4 && name.startsWith('127.');
}
