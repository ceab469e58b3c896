import {promises as fs} from 'node:fs';
import type {ClusterOptions} from '../../cluster/gates/open-cluster.js';
import type {TextSink} from '../../output/terminal/io.js';
import {safeText} from '../../output/text/safe-text.js';
import type {CliDeps} from '../cli-deps.js';
import {type ConnectionSettings, readSecret} from './connection-settings.js';
import type {SourcedValue} from './settings-layers.js';

/** Size limit of a secret on stdin. */
const maxSecretBytes = 64 * 1024;

/** Converts settings to options of `openCluster`. Reads the secrets, and warns about secret files that other users can read. */
export async function resolveClusterOptions(
  settings: ConnectionSettings,
  deps: CliDeps,
): Promise<ClusterOptions> {
  const {io} = deps;
  const {secrets} = settings;
  const readStdin = () => io.in.readAll(maxSecretBytes);
  const {passwordFile, tokenFile, creds, nkey, registryPasswordFile, registryTokenFile} = settings;
  const files = [passwordFile, tokenFile, creds, nkey, registryPasswordFile, registryTokenFile];
  await warnOfReadableSecrets(files, io.err);
  return {
    server: settings.server.value,
    registry: settings.registry.value,
    gateType: settings.gateType.origin === 'default' ? undefined : settings.gateType.value,
    timeoutMs: settings.timeoutMs.value,
    giveUpAfterMs: settings.giveUpAfterMs?.value,
    user: settings.user?.value,
    password: await readSecret(settings.passwordFile, secrets.password, readStdin),
    token: await readSecret(settings.tokenFile, secrets.token, readStdin),
    jwt: secrets.jwt?.value,
    seed: secrets.seed?.value,
    creds: settings.creds?.value,
    nkey: settings.nkey?.value,
    inboxPrefix: settings.inboxPrefix?.value,
    jsDomain: settings.jsDomain?.value,
    jsApiPrefix: settings.jsApiPrefix?.value,
    tls: tlsOf(settings),
    registryAccess: await registryAccess(settings, readStdin),
  };
}

function tlsOf({tlsCa, tlsCert, tlsKey, tlsFirst}: ConnectionSettings): ClusterOptions['tls'] {
  if ([tlsCa, tlsCert, tlsKey, tlsFirst].every((setting) => setting === undefined)) return undefined;
  return {ca: tlsCa?.value, cert: tlsCert?.value, key: tlsKey?.value, first: tlsFirst?.value};
}

async function registryAccess(
  settings: ConnectionSettings,
  readStdin: () => Promise<Uint8Array>,
): Promise<ClusterOptions['registryAccess']> {
  const {
    registryUser,
    registryPasswordFile,
    registryTokenFile,
    registryCa,
    registryCert,
    registryKey,
    secrets,
  } = settings;
  const hasTls = [registryCa, registryCert, registryKey].some((setting) => setting !== undefined);
  return {
    user: registryUser?.value,
    password: await readSecret(registryPasswordFile, secrets.registryPassword, readStdin),
    token: await readSecret(registryTokenFile, secrets.registryToken, readStdin),
    tls: hasTls ? {ca: registryCa?.value, cert: registryCert?.value, key: registryKey?.value} : undefined,
  };
}

/** Warns about secret files that other users can read. A missing file is reported later, when it is read. */
async function warnOfReadableSecrets(
  files: readonly (SourcedValue<string> | undefined)[],
  err: TextSink,
): Promise<void> {
  for (const file of files) {
    if (file === undefined || file.value === '-') continue;
    const mode = await fs.stat(file.value).then(
      (stat) => (stat.isFile() ? stat.mode & 0o777 : 0),
      () => 0,
    );
    if ((mode & 0o044) === 0) continue;
    const shown = `0${mode.toString(8)}`;
    const line = `"${file.value}" is readable by other users (${file.source}, mode ${shown}); to fix it: chmod 600`;
    await err.write(`warning: ${safeText(line)}\n`);
  }
}
