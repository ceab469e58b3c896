import {cpus, loadavg, totalmem} from 'node:os';

/** What a figure has to reach. */
export interface Target {
  readonly first: number;
  readonly moonshot: number;
  /** Whether less is better. */
  readonly less: boolean;
  /** Of an aim that is no ratio: that of `amount`. */
  readonly unit?: string;
}

/** One figure of docs/performance.md. */
export interface Figure {
  readonly name: string;
  /** What was measured, in words with its unit: `34.1 ms`. */
  readonly value: string;
  /** What it is measured against in the same run, in the same words. */
  readonly floor?: string | undefined;
  readonly ratio?: number | undefined;
  /** The value as a number, where the target has a unit. */
  readonly amount?: number | undefined;
  readonly target?: Target | undefined;
  readonly note?: string | undefined;
}

export interface BenchOptions {
  /** Fewer rounds and smaller numbers: to see that all works. */
  readonly quick: boolean;
  say(line: string): void;
}

/** A group of figures that are measured together. */
export interface Suite {
  readonly name: string;
  readonly run: (options: BenchOptions) => Promise<readonly Figure[]>;
}

export const atMost = (first: number, moonshot: number): Target => ({first, moonshot, less: true});
export const below = (first: number, moonshot: number, unit: string): Target => ({
  ...atMost(first, moonshot),
  unit,
});
export const atLeast = (first: number, moonshot: number): Target => ({first, moonshot, less: false});

export type Grade = 'moonshot' | 'first' | 'missed' | undefined;

export function gradeOf({ratio, amount, target}: Figure): Grade {
  const reached = target?.unit === undefined ? ratio : amount;
  if (target === undefined || reached === undefined) return undefined;
  const reaches = (goal: number): boolean => (target.less ? reached <= goal : reached >= goal);
  return reaches(target.moonshot) ? 'moonshot' : reaches(target.first) ? 'first' : 'missed';
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
export const us = (value: number): string => `${value.toFixed(2)} µs`;
export const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
export const perSecond = (value: number): string =>
  value >= 1e6
    ? `${(value / 1e6).toFixed(2)} M/s`
    : value >= 1000
      ? `${(value / 1000).toFixed(1)} k/s`
      : `${value.toFixed(0)}/s`;

/** The machine, and how busy it was. */
export function machine() {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1e6),
    node: process.version,
    load: loadavg().map((load) => Number(load.toFixed(2))),
  };
}

/** The table that the bench prints, as Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const {name, value, floor = '', ratio, target, note} = figure;
    const goal =
      target === undefined
        ? ''
        : `${target.less ? '≤' : '≥'} ${target.first} / ${target.moonshot} ${target.unit ?? ''}`.trimEnd();
    const grade = gradeOf(figure) ?? '';
    return [
      name,
      value,
      floor,
      ratio === undefined ? '' : ratio.toFixed(2),
      goal,
      grade + (note === undefined ? '' : ` (${note})`),
    ];
  });
  const all = [['figure', 'value', 'floor or peer', 'ratio', 'first / moonshot', ''], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((at) => Math.max(3, ...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...rest] = all;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}
