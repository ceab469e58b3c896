import {isDeepStrictEqual} from 'node:util';
import type {GateConfig} from './gate-config.js';
import {defaultLimits, type GateLimits} from './gate-options.js';
import type {Gate} from './running-gate.js';

/** Applies changed settings to the running gate. Logs those that require a restart. */
export function reloadConfig(
  gate: Pick<Gate, 'setLimits'>,
  running: GateConfig,
  fresh: GateConfig,
  log: (line: string) => void,
): void {
  const fixed: string[] = gate.setLimits(fresh.limits).map((name) => `limits.${name}`);
  const changed = [...limitChanges(running.limits, fresh.limits), ...drainChange(running, fresh)];
  const applied = changed.filter(({name}) => !fixed.includes(name));
  for (const {name, before, after} of applied) log(`reload: ${name} is now ${after} (was ${before})`);
  const others = Object.keys(fresh) as (keyof GateConfig)[];
  const isApplied = (name: keyof GateConfig): boolean =>
    name === 'limits' || name === 'drainMs' || (name === 'tls' && Boolean(running.tls && fresh.tls));
  fixed.push(...others.filter((name) => !isApplied(name) && !isDeepStrictEqual(running[name], fresh[name])));
  for (const name of fixed) log(`reload: ${name} has changed; restart the gate to apply it`);
  if (applied.length + fixed.length === 0) log('reload: nothing has changed');
}

interface Change {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

function limitChanges(running: Partial<GateLimits>, fresh: Partial<GateLimits>): readonly Change[] {
  const [before, after] = [
    {...defaultLimits, ...running},
    {...defaultLimits, ...fresh},
  ];
  const names = Object.keys(defaultLimits) as (keyof GateLimits)[];
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({name: `limits.${name}`, before: before[name], after: after[name]}));
}

function drainChange({drainMs: before}: GateConfig, {drainMs: after}: GateConfig): readonly Change[] {
  const shown = (ms: number | undefined): unknown => ms ?? 'the default';
  return before === after ? [] : [{name: 'drainMs', before: shown(before), after: shown(after)}];
}
