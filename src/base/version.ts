/** Repeats the version in package.json, which is not bundled; a test compares the two. */
export const version = '0.1.0';
