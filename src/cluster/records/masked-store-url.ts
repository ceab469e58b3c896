import {maskStoreCredentials} from '../../storage/store-url.js';

/**
 * Returns the URL of a store for display, with secrets masked. Unlike in a list of servers, a password may contain
 * commas.
 */
export const maskedStoreUrl = (url: string): string => maskStoreCredentials(url);
