import {errorCodeOrText} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import {type CertificatePair, type ListenerTls, tlsVersions} from '../listen/listener-options.js';
import {
  parseConfigBoolean,
  parseConfigObject,
  parseConfigString,
  parseOptionalValue,
} from './config-values.js';

/** `tls` in a gate config: like ListenerTls, but with paths of PEM files instead of their contents. */
export type TlsFilePaths = ListenerTls;

export function parseTls(value: unknown): TlsFilePaths {
  const tls = parseConfigObject(value, 'tls', [
    ...['cert', 'key', 'ca', 'crl', 'requireCertificate', 'minVersion', 'names'],
  ]);
  const ca = parseOptionalValue(tls['ca'], (file) => parseConfigString(file, 'tls.ca'));
  const crl = parseOptionalValue(tls['crl'], (file) => parseConfigString(file, 'tls.crl'));
  if (crl !== undefined && ca === undefined)
    throw new UsageError('tls.crl requires tls.ca: the authority whose certificates the list revokes');
  const requireCertificate = parseOptionalValue(tls['requireCertificate'], (is) =>
    parseConfigBoolean(is, 'tls.requireCertificate'),
  );
  if (requireCertificate === true && ca === undefined)
    throw new UsageError(
      'tls.requireCertificate requires tls.ca: the authority that signs client certificates',
    );
  return {
    ...pairOf(tls, 'tls'),
    ca,
    crl,
    requireCertificate,
    minVersion: parseOptionalValue(tls['minVersion'], parseMinVersion),
    names: parseOptionalValue(tls['names'], parseNames),
  };
}

const pairOf = (pair: Readonly<Record<string, unknown>>, what: string): CertificatePair => ({
  cert: parseConfigString(pair['cert'], `${what}.cert`),
  key: parseConfigString(pair['key'], `${what}.key`),
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
  for (const [name, pair] of Object.entries(parseConfigObject(value, 'tls.names'))) {
    const what = `tls.names[${JSON.stringify(name)}]`;
    names[name] = pairOf(parseConfigObject(pair, what, ['cert', 'key']), what);
  }
  return names;
}

/**
 * Reads the PEM files. Rejects with UsageError if one can't be read, so that the gate never starts without TLS by
 * mistake.
 */
export async function readTlsFiles({
  cert,
  key,
  ca,
  crl,
  names,
  ...others
}: TlsFilePaths): Promise<ListenerTls> {
  const pairs = Object.entries(names ?? {}).map(
    async ([name, pair]) => [name, await readPair(pair)] as const,
  );
  return {
    ...others,
    ...(await readPair({cert, key})),
    ca: ca === undefined ? undefined : await readPem(ca),
    crl: crl === undefined ? undefined : await readPem(crl),
    names: Object.fromEntries(await Promise.all(pairs)),
  };
}

/** Returns the paths of all files in a `tls`. */
export const tlsFileNames = ({cert, key, ca, crl, names}: TlsFilePaths): readonly string[] =>
  [cert, key, ca, crl, ...Object.values(names ?? {}).flatMap((pair) => [pair.cert, pair.key])].filter(
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
