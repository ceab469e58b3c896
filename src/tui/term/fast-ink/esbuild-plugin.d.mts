import type {Plugin} from 'esbuild';

export const fastInk: Plugin;
