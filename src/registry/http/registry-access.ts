import {readBoundedFile} from '../../base/bounded-file.js';
import {UsageError} from '../../base/errors.js';
import type {Secret} from '../../bus/connect/sign-in.js';

/** Who asks a registry, and whom he trusts. Secrets are never part of a name or a message. */
export interface RegistryAccess {
  /** etcd's user. */
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  /** consul's ACL token. */
  readonly token?: Secret | undefined;
  readonly tls?: RegistryTls | undefined;
}

/** Paths of PEM files. */
export interface RegistryTls {
  /** Authority to trust; those of the system without it. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Requests over TLS with files of one's own; Node's fetch takes none, so the package behind it is loaded for them. */
export function fetchWith(tls: RegistryTls | undefined): Fetch {
  if (tls === undefined) return fetch;
  let opening: Promise<Fetch> | undefined;
  return async (url, init) => {
    opening ??= openFetch(tls);
    return (await opening)(url, init);
  };
}

async function openFetch({ca, cert, key}: RegistryTls): Promise<Fetch> {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('a client certificate for the registry needs its key too', {
      hint: '--registry-cert and --registry-key',
    });
  const connect = {ca: await pem(ca), cert: await pem(cert), key: await pem(key)};
  const {default: undici} = await import('undici'); // a CommonJS package: in the bundle it has no other names
  const dispatcher = new undici.Agent({connect});
  const requests = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
  return (url, init) => requests(url, {...init, dispatcher});
}

async function pem(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readBoundedFile(file);
  } catch (cause) {
    throw new UsageError(`the TLS file "${file}" of the registry can't be read`, {cause});
  }
}
