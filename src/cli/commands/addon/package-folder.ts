import {promises as fs} from 'node:fs';
import path from 'node:path';
import {UsageError} from '../../../base/errors.js';

export const defaultPackagePath = 'internal/gatectladdon';

/**
 * Parses a package path inside a Go module. Throws UsageError for names that Go does not build: `vendor`, `testdata`, and
 * those that begin with a dot or an underscore.
 */
export function parsePackagePath(text: string): string {
  const words = text.replace(/\/$/, '').split('/');
  const isPackage = words.every(
    (word) => /^[A-Za-z0-9][\w.~-]*$/.test(word) && !/^(?:vendor|testdata)$/.test(word),
  );
  if (isPackage) return words.join('/');
  throw new UsageError(
    `invalid package "${text}": expected a path in the module, such as ${defaultPackagePath}`,
  );
}

/** Rejects with UsageError if the folder belongs to another module, or a symbolic link is on its path. */
export async function checkPackageFolder(module: string, name: string): Promise<void> {
  const words = name.split('/');
  for (let at = 1; at <= words.length; at += 1) {
    const part = words.slice(0, at).join('/');
    const folder = path.join(module, part);
    if (await isLink(folder)) throw new UsageError(`invalid package "${name}": "${part}" is a symbolic link`);
    if (await exists(path.join(folder, 'go.mod')))
      throw new UsageError(`invalid package "${name}": "${part}" is a separate module`, {
        hint: `gatectl addon install ${folder}`,
      });
  }
}

const isLink = async (file: string): Promise<boolean> =>
  (await fs.lstat(file).catch(() => undefined))?.isSymbolicLink() ?? false;

const exists = async (file: string): Promise<boolean> =>
  (await fs.lstat(file).catch(() => undefined)) !== undefined;
