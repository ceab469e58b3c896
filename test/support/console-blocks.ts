import {readFileSync} from 'node:fs';
import path from 'node:path';

/** A `console` block of a page of the documentation. */
export interface ConsoleBlock {
  /** `docs/operators.md:120`: page and line of the first line of the block. */
  readonly name: string;
  readonly commands: readonly ConsoleCommand[];
  /** Why the block cannot run here, from `<!-- not run: reason -->`. */
  readonly notRun: string | undefined;
  /** Whether its last command runs until it is stopped, from `<!-- runs until stopped -->`. */
  readonly runsUntilStopped: boolean;
  /** Whether each command prints exactly the lines shown below it, from `<!-- same output -->`. */
  readonly sameOutput: boolean;
}

export interface ConsoleCommand {
  /** The command line, without `$ ` and without a remark at its end. */
  readonly line: string;
  /** The lines below it, without `# exit code N`. */
  readonly output: string;
  readonly exitCode: number;
}

/** One or more HTML comments above a block, then the block. */
const annotatedBlock = /^((?:<!--[^\n]*-->\n\s*)*)( *)```console\n(.*?)^ *```/gms;

/** Reads the console blocks of a page in their order. */
export function consoleBlocks(page: string): readonly ConsoleBlock[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(annotatedBlock)].map((match) => {
    const [whole, comments = '', indent = '', body = ''] = match;
    const start = match.index + whole.indexOf('```console');
    return {
      name: `${page}:${text.slice(0, start).split('\n').length}`,
      ...annotations(comments),
      commands: commandsOf(body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''), exitCodeIn(comments)),
    };
  });
}

function annotations(comments: string) {
  const given = [...comments.matchAll(/<!-- *(.*?) *-->/g)].map(([, words = '']) => words);
  const unknown = given.filter(
    (words) => !/^(?:not run: .{8,}|runs until stopped|same output|exit \d+)$/.test(words),
  );
  if (unknown.length > 0) throw new Error(`unknown annotation of a console block: ${unknown.join('; ')}`);
  return {
    notRun: given.find((words) => words.startsWith('not run: '))?.slice('not run: '.length),
    runsUntilStopped: given.includes('runs until stopped'),
    sameOutput: given.includes('same output'),
  };
}

const exitCodeIn = (comments: string): number => Number(/<!-- *exit (\d+) *-->/.exec(comments)?.[1] ?? 0);

function commandsOf(body: string, exitCode: number): readonly ConsoleCommand[] {
  const commands = body.replaceAll('\\\n', ' ').split(/^\$ /m).slice(1);
  return commands.map((text) => {
    const [line = '', ...output] = text.trimEnd().split('\n');
    const shown = output.filter((one) => !/^# exit code \d+$/.test(one));
    const [, own] = /^# exit code (\d+)$/m.exec(output.join('\n')) ?? [];
    return {
      line: line.replace(/ +# .*$/, ''),
      output: shown.join('\n'),
      exitCode: own === undefined ? exitCode : Number(own),
    };
  });
}

/** Splits a command line into words as a shell does, or returns undefined when only a shell can read it. */
export function wordsOf(line: string): readonly string[] | undefined {
  const words: string[] = [];
  const token = /\s*((?:'[^']*'|"[^"$`\\]*"|[^\s'"\\|<>&;$`*?(){}[\]#~])+)(?=\s|$)/y;
  while (token.lastIndex < line.trimEnd().length) {
    const [, word] = token.exec(line) ?? [];
    if (word === undefined) return undefined;
    words.push(word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
  }
  return words;
}

/** What the pages write, and what the cluster of the test has instead. */
export interface Substitutes {
  readonly server: string;
  readonly store: string;
  readonly sessionId: string;
  /** Number of sessions that the last preview or plan showed, for `--expect`. */
  readonly previewed: number | undefined;
}

/** Replaces addresses, `<sessionId>`, the number after `--expect`, and the seconds after `--tap`. */
export function substitute(line: string, {server, store, sessionId, previewed}: Substitutes): string {
  return line
    .replace(/^node bin\/gatectl\.js\b/, 'gatectl')
    .replaceAll('<sessionId>', sessionId)
    .replaceAll(/\b(?:etcds?|consuls?):\/\/[\w.:,-]+/g, 'nats://')
    .replaceAll(/\bnats:\/\/[\w.-][\w.:,-]*/g, server)
    .replaceAll(/\b(?:rediss?|jetstream):\/\/[^\s'",]+|\bfile:\/[^\s'",]+/g, store)
    .replaceAll(/(--tap) \d+s/g, '$1 1s')
    .replaceAll(/(--(?:listen|tcp|ws)) (?:[\d.]+:)?\d+/g, '$1 127.0.0.1:0')
    .replaceAll(/(--expect) \d+/g, (given, flag) =>
      previewed === undefined ? given : `${flag} ${previewed}`,
    );
}

/** The pages with blocks to run: translations hold the same blocks as their originals, which readme.test.ts checks. */
export function isRunPage(page: string): boolean {
  return page.endsWith('.md') && !page.endsWith('.zh-CN.md') && path.basename(page) !== 'walkthrough.md';
}
