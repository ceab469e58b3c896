import {execFile} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {InterruptedError} from '../../src/base/errors.js';
import {
  type ConsoleCommand,
  consoleBlocks,
  isRunPage,
  substitute,
  wordsOf,
} from '../support/console-blocks.js';
import {type DocsCluster, startDocsCluster} from '../support/docs-cluster.js';
import {type CliOutcome, gatectl} from '../support/run-cli.js';

const pagesBelow = (folder: string): string[] =>
  readdirSync(folder, {recursive: true, encoding: 'utf8'}).map((name) => path.posix.join(folder, name));

const pages = ['README.md', 'src/addon/README.md', ...pagesBelow('docs').sort()].filter(isRunPage);
const blocksOf = new Map(pages.map((page) => [page, consoleBlocks(page)]));
const all = [...blocksOf.values()].flat();
const notRun = all.filter((block) => block.notRun !== undefined);

describe('console blocks of README and docs', () => {
  test(`state why they are not run: ${notRun.length} of ${all.length}`, () => {
    for (const {name, notRun: reason} of notRun) console.info(`${name} is not run: ${reason}`);
    expect(all.length).toBeGreaterThan(4);
    expect(notRun.length).toBeLessThanOrEqual(all.length / 8);
  });

  const home = process.cwd();
  for (const [page, blocks] of blocksOf) {
    const toRun = blocks.filter((block) => block.notRun === undefined && block.commands.length > 0);
    if (toRun.length === 0) continue;

    describe(page, () => {
      let cluster: DocsCluster;
      let runner: Runner;
      beforeAll(async () => {
        cluster = await startDocsCluster();
        runner = new Runner(cluster);
        process.chdir(cluster.folder);
      });
      afterAll(async () => {
        process.chdir(home);
        await cluster[Symbol.asyncDispose]();
      });

      test.each(toRun)(
        '$name',
        async ({commands, runsUntilStopped, sameOutput}) => {
          await cluster.connectAll();
          for (const command of commands) {
            const {code, out, err} = await runner.run(
              command,
              runsUntilStopped && command === commands.at(-1),
            );
            const expected = runsUntilStopped && command === commands.at(-1) ? [0, 130] : [command.exitCode];
            expect(expected, `exit code of: ${command.line}\n${out}${err}`).toContain(code);
            if (sameOutput) expect(`${out}${err}`.trimEnd()).toBe(command.output);
          }
        },
        60_000,
      ); // a block has many commands, some of which wait for gates
    });
  }
});

/** Runs the commands of one page in their order: in this process where it can, else in a shell. */
class Runner {
  private previewed: number | undefined;

  constructor(private readonly cluster: DocsCluster) {}

  async run({line}: ConsoleCommand, isStopped: boolean): Promise<CliOutcome> {
    const {server, store} = this.cluster;
    const sessionId = line.includes('<sessionId>') ? await this.cluster.sessionId() : '';
    const text = substitute(line, {server, store, sessionId, previewed: this.previewed});
    const words = wordsOf(text);
    const outcome = await (words?.[0] === 'gatectl'
      ? this.here(words.slice(1), isStopped)
      : this.inShell(text));
    const [, count] = /would [\w ]+? (\d+) sessions?\b/.exec(outcome.out + outcome.err) ?? [];
    if (count !== undefined) this.previewed = Number(count);
    return outcome;
  }

  /** As at a terminal whose user types what is asked for, or `y`. */
  private async here(argv: readonly string[], isStopped: boolean): Promise<CliOutcome> {
    await this.makeSecrets(argv);
    const outcome = await this.answering('y\ny\ny\n', argv, isStopped);
    const [, phrase] = /type "(.+)" to continue/.exec(outcome.err) ?? [];
    return phrase === undefined ? outcome : await this.answering(`${phrase}\n`, argv, isStopped);
  }

  /** A command that is stopped gets Ctrl-C after its first output. */
  private async answering(stdin: string, argv: readonly string[], isStopped: boolean): Promise<CliOutcome> {
    const ending = new AbortController();
    const stop = () => ending.abort(new InterruptedError('SIGINT'));
    const tooLong = setTimeout(stop, 10_000);
    return gatectl(argv, {
      ...this.cluster.world,
      ...(isStopped ? {onOut: stop, onErr: stop} : {}),
      signal: ending.signal,
      terminal: isStopped ? 'none' : ['in', 'err'],
      stdin,
    }).finally(() => clearTimeout(tooLong));
  }

  private async makeSecrets(argv: readonly string[]): Promise<void> {
    const files = argv.filter((_, at) =>
      /^--(?:registry-)?(?:password|token)-file$/.test(argv[at - 1] ?? ''),
    );
    for (const file of files) await writeFile(path.join(this.cluster.folder, file), 'secret', {mode: 0o600});
  }

  private inShell(line: string): Promise<CliOutcome> {
    const {env, folder} = this.cluster;
    return new Promise((resolve) => {
      execFile('bash', ['-c', line], {env, cwd: folder, timeout: 20_000}, (error, out, err) =>
        resolve({code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err}),
      );
    });
  }
}
