import {shownUrl} from '../../storage/store-url.js';

/** Returns the URL of a store for display, with its secrets masked. A password may contain commas, unlike in a list of servers. */
export const storeName = (url: string): string => shownUrl(url);
