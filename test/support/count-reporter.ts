import {readdirSync} from 'node:fs';
import type {Reporter, TestModule, Vitest} from 'vitest/node';

/** Closes a run with the one line `N passed, N failed, N skipped` that machines read, after what did not run. */
export default class CountReporter implements Reporter {
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = {passed: 0, failed: unhandled.length, skipped: 0};
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state !== 'pending') counts[state] += 1;
      }
    }
    const isEveryday = this.vitest?.projects.every(({name}) => name !== 'live');
    console.log(`\n${isEveryday ? `${otherTier(modules)}\n` : ''}${countLine(counts)}`);
  }
}

/** What the everyday tier leaves out. */
function otherTier(ran: readonly TestModule[]): string {
  const all = ['unit', 'live', 'interop'].flatMap((folder) =>
    readdirSync(`test/${folder}`, {recursive: true, encoding: 'utf8'}).filter((name) =>
      /\.test\.tsx?$/.test(name),
    ),
  );
  return (
    `everyday tier: ${ran.length} files. ${all.length - ran.length} more files (failing servers, slow deadlines, ` +
    'mqant gates in Go, an installation) and ten times the property runs: npm run test:all'
  );
}

const countLine = (counts: {readonly passed: number; readonly failed: number; readonly skipped: number}) =>
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
