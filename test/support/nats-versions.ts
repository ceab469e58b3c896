import {execFileSync} from 'node:child_process';
import {accessSync, constants} from 'node:fs';
import path from 'node:path';

export interface NatsVersion {
  readonly program: string;
  readonly version: string;
  /** Single keys can expire: nats-server 2.11 and later. */
  readonly expiresKeys: boolean;
}

/** Every nats-server of the machine: on PATH, and the one that NATS_SERVER_CURRENT names. */
export function natsVersions(): NatsVersion[] {
  const named = process.env['NATS_SERVER_CURRENT'];
  const onPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'nats-server'));
  const found = [...(named === undefined ? [] : [named]), ...onPath].filter(isExecutable).map(versionOf);
  return found.filter(({version}, at) => found.findIndex((other) => other.version === version) === at);
}

function versionOf(program: string): NatsVersion {
  const text = execFileSync(program, ['--version'], {encoding: 'utf8'});
  const [, version = '0.0.0', major, minor] = /v?((\d+)\.(\d+)\.\d+)/.exec(text) ?? [];
  return {program, version, expiresKeys: Number(major) > 2 || (major === '2' && Number(minor) >= 11)};
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
