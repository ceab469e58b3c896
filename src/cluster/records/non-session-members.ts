import type {ForeignValue} from '../../session/gate-api.js';
import {nonSessionMemberNames} from '../../storage/record-encoding.js';

/** Returns the members of a stored document that are not fields of a session. Gates ignore them. */
export const nonSessionMembers = (stored: ForeignValue | undefined): readonly string[] =>
  stored === undefined ? [] : nonSessionMemberNames(stored);
