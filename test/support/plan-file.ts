import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll} from 'vitest';

/** A file that `gatectl apply` takes, as --plan writes it; it goes with the tests of the file that asked for it. */
export function planFile(header: object, targets: readonly object[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-plan-'));
  const name = path.join(folder, 'plan.jsonl');
  const lines = [
    {version: 1, where: '', at: '', count: targets.length, ...header},
    ...targets.map((target) => ({target})),
  ];
  writeFileSync(name, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  afterAll(() => rmSync(folder, {recursive: true}));
  return name;
}
