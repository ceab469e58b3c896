import type {ForeignValue} from '../../session/gate-api.js';
import {foreignMembers} from '../../storage/record-encoding.js';

/** Members of a stored document that a session has no field for. Gates ignore them. */
export const projectMembers = (stored: ForeignValue | undefined): readonly string[] =>
  stored === undefined ? [] : foreignMembers(stored);
