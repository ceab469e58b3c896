import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,live,interop}/**/*.test.{ts,tsx}'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/count-reporter.ts'],
    // for what never ends: a machine that is four times as slow, and busy, has to be far from it
    testTimeout: 90_000,
    hookTimeout: 120_000,
    expect: {poll: {timeout: 20_000}},
  },
});
