import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {temporaryFolder} from './temp.js';

/** A certificate for 127.0.0.1 that is its own authority, with its key; PEM texts, made by openssl. */
export async function selfSigned(): Promise<{readonly cert: string; readonly key: string}> {
  await using folder = await temporaryFolder();
  const [cert, key] = [path.join(folder.path, 'cert.pem'), path.join(folder.path, 'key.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-nodes',
    '-days',
    '2',
    ...curve,
    ...subject,
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  return {cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8')};
}
