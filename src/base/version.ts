/** Copy of the version in package.json, which is not bundled. A test compares the two. */
export const version = '0.1.0';
