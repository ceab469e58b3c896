import {execFile} from 'node:child_process';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** A certificate authority in a folder, made by openssl. */
export class Authority {
  private serial = 1;

  private constructor(private readonly folder: string) {}

  get cert(): string {
    return path.join(this.folder, 'ca.pem');
  }

  static async create(folder: string): Promise<Authority> {
    const authority = new Authority(folder);
    const files = ['-keyout', path.join(folder, 'ca.key'), '-out', authority.cert];
    await openssl('req', '-x509', '-nodes', '-days', '2', ...newKey, '-subj', '/CN=test authority', ...files);
    return authority;
  }

  /** Revokes certificates that were issued; returns the file with the list of all that are. */
  async revoke(...certs: readonly string[]): Promise<string> {
    const crl = path.join(this.folder, 'crl.pem');
    for (const cert of certs) await openssl('ca', ...this.signer, '-revoke', cert);
    await openssl('ca', ...this.signer, '-gencrl', '-crldays', '2', '-out', crl);
    return crl;
  }

  private get signer(): readonly string[] {
    const at = (name: string): string => path.join(this.folder, name);
    return ['-config', at('ca.conf'), '-cert', this.cert, '-keyfile', at('ca.key')];
  }

  /** Certificate and key for a name such as `IP:127.0.0.1`; expired ones ended a day ago. */
  async issue(
    name: string,
    san: string,
    {expired = false} = {},
  ): Promise<{readonly cert: string; readonly key: string}> {
    const at = (end: string) => path.join(this.folder, `${name}.${end}`);
    await openssl(
      'req',
      '-nodes',
      ...newKey,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at('key'),
      '-out',
      at('csr'),
    );
    await fs.writeFile(at('ext'), `subjectAltName=${san}\n`);
    await fs.writeFile(path.join(this.folder, 'index'), '');
    await fs.writeFile(path.join(this.folder, 'serial'), `0${this.serial++}\n`);
    await fs.writeFile(
      path.join(this.folder, 'ca.conf'),
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${this.folder}/index\nserial=${this.folder}/serial\nnew_certs_dir=${this.folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
    );
    const day = (offset: number) =>
      `${new Date(Date.now() + offset * 86_400_000).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`;
    const dates = expired ? [day(-3), day(-1)] : [day(-1), day(2)];
    const [start = '', end = ''] = dates;
    await openssl(
      'ca',
      '-batch',
      '-notext',
      ...this.signer,
      '-in',
      at('csr'),
      '-out',
      at('pem'),
      '-extfile',
      at('ext'),
      '-startdate',
      start,
      '-enddate',
      end,
    );
    return {cert: at('pem'), key: at('key')};
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

async function openssl(...argv: readonly string[]): Promise<void> {
  await run('openssl', [...argv]);
}
