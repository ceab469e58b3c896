import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,live,interop}/**/*.test.{ts,tsx}'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
