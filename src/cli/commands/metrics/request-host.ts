import type {IncomingMessage} from 'node:http';
import {isIP} from 'node:net';
import {UsageError} from '../../../base/errors.js';

/**
 * Returns why to refuse a request; undefined when each host it names is a loopback name or allowed. Guards against DNS
 * rebinding: a web page that points its own name to 127.0.0.1 reaches a local server, but sends that name as the host.
 */
export function hostRefusal(
  request: IncomingMessage,
  targetHost: string | undefined,
  allowed: readonly string[],
): string | undefined {
  const {host = [], origin = []} = request.headersDistinct;
  if (host.length !== 1) return `${host.length === 0 ? 'no' : 'more than one'} Host header`;
  const named = [...host, ...origin.map(originHost), ...(targetHost === undefined ? [] : [targetHost])];
  return named.every((one) => isAllowed(one, allowed))
    ? undefined
    : 'host name not allowed; start with --allow-host <name> to allow it';
}

/** Splits a request target, which may be a path or an absolute URL. */
export function parseRequestTarget(url: string): {readonly host: string | undefined; readonly path: string} {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [undefined, undefined, url];
  return {host, path: rest.split('?')[0] ?? ''};
}

/** The value of --allow-host: a host name or address, optionally with a port. Throws UsageError. */
export function parseAllowedHost(text: string): string {
  if (authority.test(text)) return text.toLowerCase();
  throw new UsageError(`invalid host "${text}": expected a name or address, optionally with a port`, {
    hint: 'such as --allow-host metrics.example.com',
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

/** `localhost`, an address in 127.0.0.0/8, or `::1`, as a browser or a scraper writes it. */
function isLoopback(name: string): boolean {
  if (name === 'localhost') return true;
  if (name.startsWith('['))
    return URL.canParse(`http://${name}`) && new URL(`http://${name}`).hostname === '[::1]';
  return isIP(name) === 4 && name.startsWith('127.');
}
