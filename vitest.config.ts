import {availableParallelism, loadavg} from 'node:os';
import {configDefaults, defineConfig, type TestProjectConfiguration} from 'vitest/config';
import {everydayFiles, isThorough, selectsTests} from './test/support/tiers.js';

const [load = 0] = loadavg();
/** How much longer than on a calm machine a program may take, by what the machine does when the run begins. */
const busy = Math.min(Math.max(1, load / (2 * availableParallelism())), 9);

/** Every day a test that takes longer hangs or is slow. Properties that are tried in full may take longer. */
const testTimeout = isThorough ? 90_000 : 10_000 * busy;
const shared = {
  hookTimeout: 120_000,
  expect: {poll: {timeout: isThorough ? 20_000 : 8_000 * busy}},
};

const unit: TestProjectConfiguration = {
  test: {
    ...shared,
    name: 'unit',
    include: ['test/unit/**/*.test.{ts,tsx}'],
    isolate: false, // loading our modules anew for each file would take as long as the tests
    testTimeout,
  },
};

const everyday: TestProjectConfiguration = {
  test: {...shared, name: 'everyday', include: [...everydayFiles], testTimeout},
};

/** What waits for real deadlines, kills servers or installs the package. */
const live: TestProjectConfiguration = {
  test: {
    ...shared,
    name: 'live',
    include: ['test/live/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...everydayFiles],
    testTimeout: 90_000,
  },
};

/** mqant in Go, compiled before the first test. */
const interop: TestProjectConfiguration = {
  test: {
    ...live.test,
    name: 'interop',
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['test/support/compile-go.ts'],
  },
};

const everything = isThorough || selectsTests(process.argv.slice(2));

export default defineConfig({
  test: {
    projects: everything ? [unit, everyday, live, interop] : [unit, everyday],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/count-reporter.ts'],
    maxWorkers: 4, // most files wait more than they compute
  },
});
