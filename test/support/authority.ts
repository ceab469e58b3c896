import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import path from 'node:path';
import type * as Tls from 'node:tls';
import {promisify} from 'node:util';
import {type TemporaryFolder, temporaryFolder} from './temp.js';

/** PEM files of a certificate. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority with a server for 127.0.0.1 and a client, made by openssl. Its folder goes with it. */
export interface Authority extends AsyncDisposable {
  readonly ca: string;
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
}

export async function makeAuthority(): Promise<Authority> {
  const folder = await temporaryFolder('gatectl-ca-');
  const file = (name: string): string => path.join(folder.path, name);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const own = ['-x509', ...curve, '-days', '2', '-subj', '/CN=gatectl test authority'];
  await openssl('req', ...own, '-keyout', file('ca.key'), '-out', file('ca.pem'));
  const signed = async (name: string, extension: string): Promise<CertificateFiles> => {
    const [cert, key] = [file(`${name}.pem`), file(`${name}.key`)];
    await openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', key, '-out', file(`${name}.csr`));
    await writeFile(file(`${name}.ext`), extension);
    const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    await openssl(
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      ...by,
      '-extfile',
      file(`${name}.ext`),
      '-out',
      cert,
    );
    return {cert, key};
  };
  const usage = 'extendedKeyUsage=serverAuth,clientAuth\n';
  return {
    ca: file('ca.pem'),
    server: await signed('server', `subjectAltName=IP:127.0.0.1\n${usage}`),
    client: await signed('client', usage),
    [Symbol.asyncDispose]: () => disposed(folder),
  };
}

const openssl = (...argv: readonly string[]) => promisify(execFile)('openssl', [...argv]);

async function disposed(folder: TemporaryFolder): Promise<void> {
  await folder.remove();
}

/** Lets TLS clients of this process trust the authority, as NODE_EXTRA_CA_CERTS does for a new process. */
export function trustHere({ca}: Authority): Disposable {
  const tls = createRequire(import.meta.url)('node:tls') as typeof Tls;
  const {createSecureContext} = tls;
  const pem = readFileSync(ca);
  const trusting = (options?: Tls.SecureContextOptions): Tls.SecureContext => {
    const secure = createSecureContext(options);
    secure.context.addCACert(pem);
    return secure;
  };
  Object.assign(tls, {createSecureContext: trusting});
  return {[Symbol.dispose]: () => void Object.assign(tls, {createSecureContext})};
}
