import {errorCodeOrText} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import {type CertificatePair, type ListenerTls, tlsVersions} from '../listen/listener-options.js';
import {booleanOf, objectOf, optional, textOf} from './config-values.js';

/** `tls` in a gate config: like ListenerTls, but with paths of PEM files instead of their contents. */
export type TlsFiles = ListenerTls;

export function parseTls(value: unknown): TlsFiles {
  const tls = objectOf(value, 'tls', ['cert', 'key', 'ca', 'requireCertificate', 'minVersion', 'names']);
  const ca = optional(tls['ca'], (file) => textOf(file, 'tls.ca'));
  const requireCertificate = optional(tls['requireCertificate'], (is) =>
    booleanOf(is, 'tls.requireCertificate'),
  );
  if (requireCertificate === true && ca === undefined)
    throw new UsageError(
      'tls.requireCertificate requires tls.ca: the authority that signs client certificates',
    );
  return {
    ...pairOf(tls, 'tls'),
    ca,
    requireCertificate,
    minVersion: optional(tls['minVersion'], parseMinVersion),
    names: optional(tls['names'], parseNames),
  };
}

const pairOf = (pair: Readonly<Record<string, unknown>>, what: string): CertificatePair => ({
  cert: textOf(pair['cert'], `${what}.cert`),
  key: textOf(pair['key'], `${what}.key`),
});

function parseMinVersion(value: unknown): ListenerTls['minVersion'] {
  const known = tlsVersions.find((version) => version === value);
  if (known !== undefined) return known;
  throw new UsageError(
    `invalid tls.minVersion ${JSON.stringify(value)}: expected ${tlsVersions.join(' or ')}`,
  );
}

function parseNames(value: unknown): ListenerTls['names'] {
  const names: Record<string, CertificatePair> = {};
  for (const [name, pair] of Object.entries(objectOf(value, 'tls.names'))) {
    const what = `tls.names[${JSON.stringify(name)}]`;
    names[name] = pairOf(objectOf(pair, what, ['cert', 'key']), what);
  }
  return names;
}

/**
 * Reads the PEM files. Rejects with UsageError if one can't be read, so that the gate never starts without TLS by
 * mistake.
 */
export async function readTlsFiles({cert, key, ca, names, ...others}: TlsFiles): Promise<ListenerTls> {
  const pairs = Object.entries(names ?? {}).map(
    async ([name, pair]) => [name, await readPair(pair)] as const,
  );
  return {
    ...others,
    ...(await readPair({cert, key})),
    ca: ca === undefined ? undefined : await readPem(ca),
    names: Object.fromEntries(await Promise.all(pairs)),
  };
}

/** Returns the paths of all files in a `tls`. */
export const tlsFileNames = ({cert, key, ca, names}: TlsFiles): readonly string[] =>
  [cert, key, ca, ...Object.values(names ?? {}).flatMap((pair) => [pair.cert, pair.key])].filter(
    (file) => file !== undefined,
  );

const readPair = async ({cert, key}: CertificatePair): Promise<CertificatePair> => ({
  cert: await readPem(cert),
  key: await readPem(key),
});

async function readPem(file: string): Promise<string> {
  try {
    return (await readBoundedFile(file)).toString();
  } catch (cause) {
    throw new UsageError(`cannot read the TLS file "${file}": ${errorCodeOrText(cause)}`, {cause});
  }
}
