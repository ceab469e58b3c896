import {errorCodeOrText} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import type {Secret} from '../../bus/connect/credentials.js';

/** Credentials and TLS files for a registry. Secrets never appear in the registry's name or in messages. */
export interface RegistryAccess {
  /** User name for etcd. */
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  /** ACL token for consul. */
  readonly token?: Secret | undefined;
  readonly tls?: RegistryTls | undefined;
}

/** Paths of PEM files. */
export interface RegistryTls {
  /** Trusted certificate authority; by default those of the system. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Returns a fetch that uses TLS with the given files. Node's fetch accepts no files, so this loads undici, the
 * package it is built on.
 */
export function fetchWithTls(tls: RegistryTls | undefined): FetchFunction {
  if (tls === undefined) return fetch;
  let opening: Promise<FetchFunction> | undefined;
  return async (url, init) => {
    opening ??= openFetch(tls);
    return (await opening)(url, init);
  };
}

async function openFetch({ca, cert, key}: RegistryTls): Promise<FetchFunction> {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('a client certificate for the registry requires its key', {
      hint: 'pass both --registry-cert and --registry-key',
    });
  const connect = {ca: await pem(ca), cert: await pem(cert), key: await pem(key)};
  const {default: undici} = await import('undici'); // a CommonJS package, which the bundle exports only as default
  const dispatcher = new undici.Agent({connect});
  const requests = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
  return (url, init) => requests(url, {...init, dispatcher});
}

async function pem(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readBoundedFile(file);
  } catch (cause) {
    throw new UsageError(`cannot read the TLS file "${file}" for the registry: ${errorCodeOrText(cause)}`, {
      cause,
    });
  }
}
