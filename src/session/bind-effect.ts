import {type Session, type StringBag, stringBag} from './session.js';

/**
 * Effect of a bind on settings. On a conflict the connection's value wins (mqant, gate/base/session.go
 * ImportSettings).
 */
export interface BindEffect {
  /** Settings in the record that the connection lacks; the session gets them. */
  readonly comesIn: StringBag;
  /** Settings whose values differ; the session keeps the connection's value, which is also written to the record. */
  readonly kept: readonly KeptSetting[];
  /** Settings of the user bound so far that would be written to the new user's record. */
  readonly leaks: StringBag;
}

interface KeptSetting {
  readonly key: string;
  readonly connection: string;
  readonly record: string;
}

/** A setting that mqant creates for each connection; it belongs to no user. */
const ofConnection = 'User-Agent';

/**
 * Returns the effect of binding a session to a uid. `record` has the settings in the uid's record; undefined if
 * missing or unknown.
 */
export function bindEffect(session: Session, uid: string, record: StringBag | undefined): BindEffect {
  const {settings, userId} = session;
  const stored = Object.entries(record ?? {});
  const leaks = Object.entries(settings).filter(
    ([key, value]) => key !== ofConnection && record?.[key] !== value,
  );
  return {
    comesIn: stringBag(stored.filter(([key]) => settings[key] === undefined)),
    kept: stored.flatMap(([key, value]) => {
      const own = settings[key];
      return own === undefined || own === value ? [] : [{key, connection: own, record: value}];
    }),
    leaks: stringBag(userId === '' || userId === uid ? [] : leaks),
  };
}

/** Returns the session with only those settings that every connection starts with. */
export function withInitialSettings(session: Session): Session {
  const kept = Object.entries(session.settings).filter(([key]) => key === ofConnection);
  return {...session, settings: stringBag(kept)};
}
