import {describe, test} from 'vitest';
import {canOpenScreens} from './screen.js';

const isWaived = !canOpenScreens && !process.env['CI'];

/** `describe`, skipped by name where node-pty has no binary for this machine; with CI set it runs, and fails. */
export const describeOnScreen = isWaived ? (describe.skip as unknown as typeof describe) : describe;

/** `test` in the manner of `describeOnScreen`. */
export const testOnScreen = isWaived ? (test.skip as unknown as typeof test) : test;
