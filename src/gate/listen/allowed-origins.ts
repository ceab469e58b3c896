import {UsageError} from '../../base/errors.js';

/** The web origin of a page, as browsers write it: scheme, host and port, without the scheme's own port. */
const originForm = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]*$/;

/** Origins of web pages that may open a WebSocket. Without a list, any page may. */
export class AllowedOrigins {
  private readonly origins: ReadonlySet<string> | undefined;

  /** Throws UsageError for text that no browser sends as an origin. */
  constructor(origins: readonly string[] | undefined) {
    this.origins = origins && new Set(origins.map(checkedOrigin));
  }

  /** `origin` is the header of the request. Only browsers send it, so a client without it is allowed. */
  allows(origin: string | undefined): boolean {
    return this.origins === undefined || origin === undefined || this.origins.has(origin.toLowerCase());
  }
}

function checkedOrigin(text: string): string {
  const origin = text.toLowerCase();
  if (origin === 'null' || (originForm.test(origin) && isSerialized(origin))) return origin;
  throw new UsageError(`invalid origin "${text}": expected the scheme and host of a web page`, {
    hint: 'for example https://game.example.com or http://localhost:8080, without a path and without a default port',
  });
}

/** Returns true unless a browser would write this http or https origin differently. */
function isSerialized(origin: string): boolean {
  if (!/^https?:/.test(origin)) return true; // such as capacitor://localhost
  return URL.canParse(origin) && new URL(origin).origin === origin;
}
