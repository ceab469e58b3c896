/** Equal to package.json's, which stays out of the bundle; a test holds the two together. */
export const version = '0.1.0';
